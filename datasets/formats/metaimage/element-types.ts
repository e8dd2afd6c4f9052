type NumberArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

interface ElementLayout {
  bytes: 1 | 2 | 4 | 8;
  view: (buffer: ArrayBuffer, offset: number, length: number) => NumberArray;
}

const layout = (
  bytes: ElementLayout['bytes'],
  View: new (buffer: ArrayBuffer, offset: number, length: number) => NumberArray,
): ElementLayout => ({ bytes, view: (buffer, offset, length) => new View(buffer, offset, length) });

/** MetaImage's number types. MET_LONG is four bytes in the file on every machine (MetaIO, metaTypes.h). */
export const elementTypes = {
  MET_CHAR: layout(1, Int8Array),
  MET_UCHAR: layout(1, Uint8Array),
  MET_SHORT: layout(2, Int16Array),
  MET_USHORT: layout(2, Uint16Array),
  MET_INT: layout(4, Int32Array),
  MET_UINT: layout(4, Uint32Array),
  MET_LONG: layout(4, Int32Array),
  MET_ULONG: layout(4, Uint32Array),
  MET_LONG_LONG: layout(8, BigInt64Array),
  MET_ULONG_LONG: layout(8, BigUint64Array),
  MET_FLOAT: layout(4, Float32Array),
  MET_DOUBLE: layout(8, Float64Array),
} satisfies Record<string, ElementLayout>;

export type ElementType = keyof typeof elementTypes;

export function isElementType(text: string): text is ElementType {
  return Object.hasOwn(elementTypes, text);
}

/**
 * Voxels as Hounsfield units: whole-number types as int16 where every value fits, else float32.
 *
 * @param bytes the voxels as stored. Where they are little-endian int16 or float32 the result is a view of them;
 *   big-endian bytes are swapped in place.
 */
export function decodeElements(
  bytes: Uint8Array<ArrayBuffer>,
  type: ElementType,
  bigEndian: boolean,
): Int16Array | Float32Array {
  const { bytes: width, view } = elementTypes[type];
  const aligned = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  if (bigEndian) swapBytes(aligned, width);
  const values = view(aligned.buffer, aligned.byteOffset, aligned.length / width);
  if (values instanceof Int16Array || values instanceof Float32Array) return values;
  if (values instanceof Float64Array) return Float32Array.from(values);
  if (values instanceof BigInt64Array || values instanceof BigUint64Array)
    return fitInt16(Float64Array.from(values, Number));
  return fitInt16(values);
}

function fitInt16(values: Exclude<NumberArray, BigInt64Array | BigUint64Array>): Int16Array | Float32Array {
  const fitted = new Int16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < -32768 || value > 32767) return Float32Array.from(values);
    fitted[i] = value;
  }
  return fitted;
}

function swapBytes(bytes: Uint8Array<ArrayBuffer>, width: ElementLayout['bytes']): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (width === 2) buffer.swap16();
  else if (width === 4) buffer.swap32();
  else if (width === 8) buffer.swap64();
}
