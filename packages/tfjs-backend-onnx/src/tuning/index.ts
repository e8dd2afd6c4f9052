export { tuneOnnx } from './tune-onnx';
export type { TunedGraph, TuneOptions } from './tune-onnx';
export { checkTuned, TunedSession } from './tuned-session';
export type { CheckOptions, GoldenInputs, TunedSessionOptions } from './tuned-session';
