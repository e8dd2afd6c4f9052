export { importOnnx, importOnnxSync } from './import-onnx';
export type { ImportedModel } from './import-onnx';
export type { TensorDescription } from './model-reader';
