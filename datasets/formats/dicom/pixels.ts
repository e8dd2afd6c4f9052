import { createInflateRaw } from 'node:zlib';
import { dicomError } from './errors';
import { framesInFragments } from './fragments';
import type { ImageFile, PixelLayout } from './slices';

/** Reads what a file holds of its frames: plain pixels, or the code of a compressed image each. */
export async function readFrames(file: ImageFile): Promise<Uint8Array<ArrayBuffer>[]> {
  const { source, coding, pixels } = file;
  const { layout } = coding;
  if (pixels.length === undefined) {
    const encapsulated = await source.read(pixels.offset, source.size);
    return framesInFragments(encapsulated, layout.frames, source.name);
  }
  const frameBytes = bytesOfFrame(layout);
  const expected = frameBytes * layout.frames;
  // Padded to an even length; anything longer is not used (some write a frame's overlay after it).
  const bytes =
    pixels.deflatedFrom === undefined
      ? await source.read(pixels.offset, pixels.offset + Math.min(pixels.length, expected))
      : await inflateRange(file, pixels.deflatedFrom, expected);
  if (bytes.length < expected)
    throw dicomError('DICOM_TRUNCATED', { file: source.name, found: bytes.length, expected });
  return Array.from({ length: layout.frames }, (_, i) => bytes.subarray(i * frameBytes, (i + 1) * frameBytes));
}

export function bytesOfFrame({ rows, columns, bitsAllocated }: PixelLayout): number {
  return rows * columns * (bitsAllocated / 8);
}

/** The pixels of a deflated file, unpacked no further than they go. */
async function inflateRange(
  { source, pixels: { offset } }: ImageFile,
  deflatedFrom: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  const unpack = createInflateRaw({ chunkSize: 1 << 18 });
  unpack.end(await source.read(deflatedFrom, source.size));
  let position = deflatedFrom;
  let filled = 0;
  try {
    for await (const chunk of unpack as AsyncIterable<Uint8Array>) {
      const wanted = chunk.subarray(Math.max(0, offset - position)).subarray(0, length - filled);
      bytes.set(wanted, filled);
      filled += wanted.length;
      position += chunk.length;
      if (filled === length) break;
    }
  } catch (cause) {
    throw dicomError('DICOM_DAMAGED', { file: source.name, why: (cause as Error).message }, cause);
  }
  return bytes.subarray(0, filled);
}
