/** TF.js on ONNX Runtime: training and inference compiled into native graphs, and the same recording exported. */
export { affineSample2d, affineSample3d } from './recording';
export type { AffineSampleOptions } from './recording';
export { registerOnnxBackend } from './recording';
export type { OnnxBackend, OnnxBackendOptions, OnnxBackendStatistics } from './recording';
export type { CompileFunctionOptions, CompiledFunction } from './recording';
export type { Explanation, ExplanationRow, GraphExplanation } from './recording';
export type { Profile, ProfileOptions, ProfileRow, TraceEvent } from './recording';
export { availableProviders } from './session';
export { LossScalingOptimizer, lossScaler, mixedPrecision } from './training';
export type { LossScaler, LossScalingOptions } from './training';
export type { Precision, Provider } from './graph/target';
export { exportOnnx } from './export';
export type { ExportInput, ExportOptions, ExportableModel, ModelExportOptions } from './export';
export { importOnnx } from './import';
export type { ImportedModel, TensorDescription } from './import';
export { checkTuned, tuneOnnx, TunedSession } from './tuning';
export type { CheckOptions, GoldenInputs, TunedGraph, TunedSessionOptions, TuneOptions } from './tuning';
