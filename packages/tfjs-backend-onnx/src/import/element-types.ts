import type { Dtype } from '../graph/op';

/** ONNX's numbers for element types that a model may hold. */
export const ONNX_TYPE = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
} as const;

/** What TF.js computes with instead: it has one kind of float, one of integer, and booleans. */
export const DTYPE_OF: Readonly<Record<number, Dtype>> = {
  [ONNX_TYPE.float32]: 'float32',
  [ONNX_TYPE.float16]: 'float32',
  [ONNX_TYPE.double]: 'float32',
  [ONNX_TYPE.uint8]: 'int32',
  [ONNX_TYPE.int8]: 'int32',
  [ONNX_TYPE.uint16]: 'int32',
  [ONNX_TYPE.int16]: 'int32',
  [ONNX_TYPE.int32]: 'int32',
  [ONNX_TYPE.uint32]: 'int32',
  [ONNX_TYPE.int64]: 'int32',
  [ONNX_TYPE.bool]: 'bool',
};
