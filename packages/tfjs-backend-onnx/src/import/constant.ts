import { onnx } from 'onnx-proto';
import { onnxBackendError } from '../errors';
import type { Dtype, Shape } from '../graph/op';
import { sizeOf } from '../graph/op';
import { DTYPE_OF, ONNX_TYPE } from './element-types';

/** A tensor whose values the model file holds. Integers keep all digits of a double: int64 is used for sizes. */
export interface Constant {
  dtype: Dtype;
  dims: Shape;
  values: Float32Array | Float64Array;
}

/** Decodes a tensor, whichever of its fields the values are in. */
export function readConstant(tensor: onnx.ITensorProto): Constant {
  const name = tensor.name ?? '';
  if (tensor.dataLocation === onnx.TensorProto.DataLocation.EXTERNAL) {
    const location = tensor.externalData?.find(({ key }) => key === 'location')?.value ?? 'unnamed';
    throw onnxBackendError('ONNX_IMPORT_EXTERNAL_DATA', { tensor: name, location });
  }
  const dtype = DTYPE_OF[tensor.dataType ?? 0];
  if (!dtype) throw onnxBackendError('ONNX_IMPORT_DTYPE', { tensor: name, type: tensor.dataType ?? 'none' });
  const dims = (tensor.dims ?? []).map(Number);
  const values = tensor.rawData && tensor.rawData.length > 0 ? fromRaw(tensor) : fromFields(tensor);
  if (values.length !== sizeOf(dims)) {
    const problem = `the tensor ${name} of shape [${dims.join()}] holds ${values.length} values`;
    throw onnxBackendError('ONNX_IMPORT_MALFORMED', { problem });
  }
  return { dtype, dims, values };
}

function fromRaw({ rawData, dataType }: onnx.ITensorProto): Constant['values'] {
  // A copy: the bytes of a message start anywhere, typed arrays at multiples of their elements.
  const { buffer } = Uint8Array.from(rawData!);
  switch (dataType) {
    case ONNX_TYPE.float32:
      return new Float32Array(buffer);
    case ONNX_TYPE.double:
      return Float32Array.from(new Float64Array(buffer));
    case ONNX_TYPE.float16:
      return Float32Array.from(new Uint16Array(buffer), halfToNumber);
    case ONNX_TYPE.int64:
      return Float64Array.from(new BigInt64Array(buffer), Number);
    case ONNX_TYPE.int32:
      return Float64Array.from(new Int32Array(buffer));
    case ONNX_TYPE.uint32:
      return Float64Array.from(new Uint32Array(buffer));
    case ONNX_TYPE.int16:
      return Float64Array.from(new Int16Array(buffer));
    case ONNX_TYPE.uint16:
      return Float64Array.from(new Uint16Array(buffer));
    case ONNX_TYPE.int8:
      return Float64Array.from(new Int8Array(buffer));
    default:
      return Float64Array.from(new Uint8Array(buffer));
  }
}

function fromFields(tensor: onnx.ITensorProto): Constant['values'] {
  const { dataType, floatData, doubleData, int64Data, int32Data, uint64Data } = tensor;
  if (dataType === ONNX_TYPE.float32) return Float32Array.from(floatData ?? []);
  if (dataType === ONNX_TYPE.double) return Float32Array.from(doubleData ?? []);
  // Half floats are kept as the bits of their 16.
  if (dataType === ONNX_TYPE.float16) return Float32Array.from(int32Data ?? [], halfToNumber);
  if (dataType === ONNX_TYPE.int64) return Float64Array.from(int64Data ?? [], Number);
  if (dataType === ONNX_TYPE.uint32) return Float64Array.from(uint64Data ?? [], Number);
  return Float64Array.from(int32Data ?? []);
}

/** IEEE 754 binary16: one bit of sign, five of exponent, ten of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
