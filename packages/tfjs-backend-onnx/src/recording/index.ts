export { OnnxBackend } from './backend';
export type { OnnxBackendOptions, OnnxBackendStatistics } from './backend';
export type { CompileFunctionOptions, CompiledFunction } from './compiled-function';
export type { Explanation, ExplanationRow, GraphExplanation } from './explanation';
export type { Profile, ProfileOptions, ProfileRow, TraceEvent } from './profile';
export { registerOnnxBackend } from './register';
export { affineSample2d, affineSample3d } from './affine-sample';
export type { AffineSampleOptions } from './affine-sample';
