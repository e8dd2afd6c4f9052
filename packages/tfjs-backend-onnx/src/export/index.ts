export { exportOnnx } from './export-onnx';
export type { ExportInput, ExportOptions, ModelExportOptions } from './export-onnx';
export type { ExportableModel, ModelInput, Preprocessing } from './model-function';
