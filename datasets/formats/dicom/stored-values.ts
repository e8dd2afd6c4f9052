import { EXPLICIT_BIG } from './header';
import type { FrameCoding, PixelLayout } from './slices';

/** Pixels as the file counts them, before rescaling. */
export type StoredValues = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

/** Plain pixels of one frame as numbers: bytes swapped, bits above and below the stored ones (overlays) cleared. */
export function storedValues(bytes: Uint8Array<ArrayBuffer>, coding: FrameCoding): StoredValues {
  const { layout, vr, transferSyntax } = coding;
  const width = layout.bitsAllocated / 8;
  const bigEndian = transferSyntax === EXPLICIT_BIG;
  // Eight-bit pixels written as words are swapped in pairs by a big-endian file.
  const swapWidth = width === 1 && vr === 'OW' ? 2 : width;
  const mustSwap = bigEndian && swapWidth > 1;
  const aligned = mustSwap || bytes.byteOffset % width !== 0 ? bytes.slice() : bytes;
  if (mustSwap) swap(aligned, swapWidth);
  const values = numbersIn(aligned, layout);
  if (layout.bitsStored === layout.bitsAllocated) return values;
  return takeBits(values.slice(), layout.bitsStored, layout.highBit, layout.signed);
}

function numbersIn(bytes: Uint8Array<ArrayBuffer>, { bitsAllocated, signed }: PixelLayout): StoredValues {
  const { buffer, byteOffset } = bytes;
  const length = bytes.length / (bitsAllocated / 8);
  if (bitsAllocated === 8) return signed ? new Int8Array(buffer, byteOffset, length) : bytes;
  if (bitsAllocated === 16)
    return signed ? new Int16Array(buffer, byteOffset, length) : new Uint16Array(buffer, byteOffset, length);
  return signed ? new Int32Array(buffer, byteOffset, length) : new Uint32Array(buffer, byteOffset, length);
}

/** Numbers of a decoder, whose stored bits are the lowest: the sign is that of the file's tags. */
export function lowBits(values: StoredValues, layout: PixelLayout): StoredValues {
  const { bitsStored, signed } = layout;
  const isSigned = values instanceof Int8Array || values instanceof Int16Array || values instanceof Int32Array;
  if (isSigned === signed && bitsStored === 8 * values.BYTES_PER_ELEMENT) return values;
  const wide = signed ? Int32Array.from(values) : Uint32Array.from(values);
  return takeBits(wide, bitsStored, bitsStored - 1, signed);
}

/** Takes the stored bits from among the allocated ones, and the sign from the highest of them (PS3.5 8.1.1). */
function takeBits<Values extends StoredValues>(
  values: Values,
  bitsStored: number,
  highBit: number,
  signed: boolean,
): Values {
  const up = 31 - highBit;
  const down = 32 - bitsStored;
  for (let i = 0; i < values.length; i++) {
    const atTop = values[i]! << up;
    values[i] = signed ? atTop >> down : atTop >>> down;
  }
  return values;
}

function swap(bytes: Uint8Array<ArrayBuffer>, width: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (width === 2) buffer.swap16();
  else buffer.swap32();
}
