import { onnx } from 'onnx-proto';

/** Parts of an ONNX graph that a test writes by hand. */
const { FLOAT, INT64 } = onnx.TensorProto.DataType;
export const floats = (name: string, dims: number[], floatData: number[]) => ({
  name,
  dims,
  dataType: FLOAT,
  floatData,
});
export const integers = (name: string, values: number[]) => ({
  name,
  dims: [values.length],
  dataType: INT64,
  int64Data: values,
});
export const tensor = (name: string, dims: (number | string)[]) => ({
  name,
  type: {
    tensorType: {
      elemType: FLOAT,
      shape: { dim: dims.map((dim) => (typeof dim === 'string' ? { dimParam: dim } : { dimValue: dim })) },
    },
  },
});
