export { exportOnnx } from './export-onnx';
export type { ExportOptions, ModelExportOptions } from './export-onnx';
export type { ExportInput } from './record-function';
export type { ExportableModel, ModelInput, Preprocessing } from './model-function';
