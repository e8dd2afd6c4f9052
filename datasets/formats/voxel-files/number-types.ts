import { type NumberArray, type Voxels, exactVoxels } from '../../volume';
import { voxelFileError } from './errors';

interface NumberLayout {
  bytes: 1 | 2 | 4 | 8;
  view: (buffer: ArrayBuffer, offset: number, length: number) => NumberArray;
  /** The first of int16, float32, float64 that holds any value of the type. */
  Holder: new (length: number) => Voxels;
}

type View = new (buffer: ArrayBuffer, offset: number, length: number) => NumberArray;

const layout = (bytes: NumberLayout['bytes'], View: View, Holder: NumberLayout['Holder']): NumberLayout => ({
  bytes,
  view: (buffer, offset, length) => new View(buffer, offset, length),
  Holder,
});

/** The number types that scans are stored in, whatever their format calls them. */
export const numberTypes = {
  int8: layout(1, Int8Array, Int16Array),
  uint8: layout(1, Uint8Array, Int16Array),
  int16: layout(2, Int16Array, Int16Array),
  uint16: layout(2, Uint16Array, Float32Array),
  int32: layout(4, Int32Array, Float64Array),
  uint32: layout(4, Uint32Array, Float64Array),
  int64: {
    bytes: 8,
    view: (...place) => fromInt64(new Int32Array(place[0], place[1], place[2] * 2)),
    Holder: Float64Array,
  },
  uint64: {
    bytes: 8,
    view: (...place) => fromInt64(new Uint32Array(place[0], place[1], place[2] * 2)),
    Holder: Float64Array,
  },
  float32: layout(4, Float32Array, Float32Array),
  float64: layout(8, Float64Array, Float64Array),
} satisfies Record<string, NumberLayout>;

export type NumberType = keyof typeof numberTypes;

/**
 * Numbers from their bytes.
 *
 * @param bytes little-endian ones are viewed where their alignment allows, big-endian ones are swapped in place.
 * @throws VOXEL_BEYOND_FLOAT64 for a 64-bit whole number beyond ±2^53.
 */
export function decodeNumbers(bytes: Uint8Array<ArrayBuffer>, type: NumberType, bigEndian: boolean): NumberArray {
  const { bytes: width, view } = numberTypes[type];
  const aligned = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  if (bigEndian) swapBytes(aligned, width);
  return view(aligned.buffer, aligned.byteOffset, aligned.length / width);
}

/** {@link decodeNumbers}, as the first of int16, float32, float64 that holds every value exactly. */
export function decodeVoxels(bytes: Uint8Array<ArrayBuffer>, type: NumberType, bigEndian: boolean): Voxels {
  return exactVoxels(decodeNumbers(bytes, type, bigEndian));
}

/**
 * Voxels as little-endian bytes of a type: a view of them where they are of that type already.
 *
 * @throws VOXELS_DO_NOT_FIT where the type would change a value.
 */
export function encodeVoxels(hu: Voxels, type: NumberType): Uint8Array<ArrayBuffer> {
  const { bytes: width, view } = numberTypes[type];
  if (type === 'int64' || type === 'uint64') return encodeInt64(hu, type);
  if (hu instanceof numberTypes[type].Holder && hu.BYTES_PER_ELEMENT === width) {
    return new Uint8Array(hu.buffer as ArrayBuffer, hu.byteOffset, hu.byteLength);
  }
  const bytes = new Uint8Array(hu.length * width);
  const numbers = view(bytes.buffer, 0, hu.length);
  for (let i = 0; i < hu.length; i++) {
    const value = hu[i]!;
    numbers[i] = value;
    if (numbers[i] !== value && !(Number.isNaN(value) && Number.isNaN(numbers[i]))) throw doesNotFit(i, value, type);
  }
  return bytes;
}

function encodeInt64(hu: Voxels, type: 'int64' | 'uint64'): Uint8Array<ArrayBuffer> {
  const halves = new Int32Array(hu.length * 2);
  for (let i = 0; i < hu.length; i++) {
    const value = hu[i]!;
    if (!Number.isSafeInteger(value) || (type === 'uint64' && value < 0)) throw doesNotFit(i, value, type);
    halves[2 * i] = value;
    halves[2 * i + 1] = Math.floor(value / 2 ** 32);
  }
  return new Uint8Array(halves.buffer);
}

function doesNotFit(voxel: number, value: number, type: NumberType): Error {
  return voxelFileError('VOXELS_DO_NOT_FIT', { voxel, value, type });
}

/** @param halves low and high words in turn; the low ones count as unsigned, the high ones as they are given. */
function fromInt64(halves: Int32Array | Uint32Array): Float64Array {
  const values = new Float64Array(halves.length / 2);
  for (let i = 0; i < values.length; i++) {
    const value = halves[2 * i + 1]! * 2 ** 32 + (halves[2 * i]! >>> 0);
    if (value > 2 ** 53 || value < -(2 ** 53)) throw voxelFileError('VOXEL_BEYOND_FLOAT64', { voxel: i });
    values[i] = value;
  }
  return values;
}

function swapBytes(bytes: Uint8Array<ArrayBuffer>, width: NumberLayout['bytes']): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (width === 2) buffer.swap16();
  else if (width === 4) buffer.swap32();
  else if (width === 8) buffer.swap64();
}
