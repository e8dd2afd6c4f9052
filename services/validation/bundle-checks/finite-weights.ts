import { onnx } from 'onnx-proto';
import { bundleCheckError } from './errors';
import type { ModelFile, StatedTensor } from './model-file';

const { FLOAT, FLOAT16, BFLOAT16, DOUBLE } = onnx.TensorProto.DataType;

/**
 * No weight may be NaN or infinite, in whichever precision and field of the file it stands. An infinite constant
 * that an operator takes as a bound (the limit of a Clip, the value of a Pad, one side of a Where) is none of them.
 *
 * @returns how many numbers were looked at
 * @throws VALIDATION_WEIGHTS_NOT_FINITE with the name of the tensor
 */
export function assertFiniteWeights({ nodes, tensors }: ModelFile): number {
  const users = usersByTensor(nodes);
  let numbers = 0;
  for (const { name, tensor, isBound } of tensors) {
    const values = floatsOf(tensor);
    if (!values) continue;
    numbers += values.length;
    const mayBeInfinite = isBound === true || (users.get(name)?.every(takesBound) ?? false);
    const isWrong = (value: number) => Number.isNaN(value) || (!mayBeInfinite && !Number.isFinite(value));
    const index = values.findIndex(isWrong);
    if (index < 0) continue;
    let count = 0;
    for (const value of values) if (isWrong(value)) count++;
    throw bundleCheckError('VALIDATION_WEIGHTS_NOT_FINITE', { tensor: name, value: values[index]!, index, count });
  }
  return numbers;
}

interface Use {
  opType: string;
  /** Which input of the node. */
  at: number;
}

function usersByTensor(nodes: readonly onnx.INodeProto[]): Map<string, Use[]> {
  const users = new Map<string, Use[]>();
  for (const { opType, input } of nodes) {
    for (const [at, name] of (input ?? []).entries()) {
      users.set(name, [...(users.get(name) ?? []), { opType: opType ?? '', at }]);
    }
  }
  return users;
}

/** Inputs that may well be infinite, by operator. */
const BOUNDS: Record<string, readonly number[]> = { Clip: [1, 2], Pad: [2], Where: [1, 2], Max: [0, 1], Min: [0, 1] };

function takesBound({ opType, at }: Use): boolean {
  return BOUNDS[opType]?.includes(at) ?? false;
}

/** The values of a tensor of floating-point numbers; undefined for any other. */
function floatsOf(tensor: StatedTensor['tensor']): Float32Array | Float64Array | undefined {
  const { dataType, rawData, floatData, doubleData, int32Data } = tensor;
  const isRaw = rawData && rawData.length > 0;
  switch (dataType) {
    case FLOAT:
      return isRaw ? new Float32Array(aligned(rawData)) : Float32Array.from(floatData ?? []);
    case DOUBLE:
      return isRaw ? new Float64Array(aligned(rawData)) : Float64Array.from(doubleData ?? []);
    case FLOAT16:
    case BFLOAT16: {
      const bits = isRaw ? new Uint16Array(aligned(rawData)) : Uint16Array.from(int32Data ?? []);
      // The exponent of all ones is what both formats call infinite or NaN; the finite ones only have to stay finite.
      const [exponent, fraction] = dataType === FLOAT16 ? [0x7c00, 0x03ff] : [0x7f80, 0x007f];
      return Float32Array.from(bits, (b) => ((b & exponent) !== exponent ? 0 : (b & fraction) !== 0 ? NaN : Infinity));
    }
    default:
      return undefined;
  }
}

/** A copy: the bytes of a message start anywhere, typed arrays at multiples of their elements. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
