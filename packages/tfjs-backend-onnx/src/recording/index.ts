export { OnnxBackend } from './backend';
export type { OnnxBackendStatistics } from './graph-runner';
export type { OnnxBackendOptions } from './options';
export type { CompileFunctionOptions, CompiledFunction } from './compiled-function';
export type { Explanation, ExplanationRow, GraphExplanation } from './explanation';
export type { Profile, ProfileOptions, ProfileRow, TraceEvent } from './profile';
export { registerOnnxBackend } from './register';
export { affineSample2d, affineSample3d } from './affine-sample';
export type { AffineSampleOptions } from './affine-sample';
