/** TF.js on ONNX Runtime: training and inference compiled into native graphs, and the same recording exported. */
export { registerOnnxBackend } from './recording';
export type { GraphExplanation, OnnxBackend, OnnxBackendOptions, OnnxBackendStatistics } from './recording';
export { availableProviders } from './session';
export type { Precision, Provider } from './graph/target';
export { LossScalingOptimizer, lossScaler, mixedPrecision } from './training';
export type { LossScaler, LossScalingOptions } from './training';
export { exportOnnx } from './export';
export type { ExportInput, ExportOptions, ExportableModel, ModelExportOptions } from './export';
export { importOnnx } from './import';
export type { ImportedModel, TensorDescription } from './import';
