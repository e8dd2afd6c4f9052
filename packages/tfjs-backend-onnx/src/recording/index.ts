export { OnnxBackend } from './backend';
export type { GraphExplanation, OnnxBackendOptions, OnnxBackendStatistics } from './backend';
export { registerOnnxBackend } from './register';
