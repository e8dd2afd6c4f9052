export { exportOnnx } from './export-onnx';
export type { ExportInput, ExportOptions } from './export-onnx';
