import type { PixelLayout } from '../slices';

/**
 * Run-length code of one frame (PS3.5 Annex G): a table of up to 15 segments, each one byte of every pixel, the highest
 * byte first.
 *
 * @returns plain little-endian pixels
 */
export function decodeRle(code: Uint8Array, layout: PixelLayout): Uint8Array<ArrayBuffer> {
  const width = layout.bitsAllocated / 8;
  const pixels = layout.rows * layout.columns;
  const view = new DataView(code.buffer, code.byteOffset, code.length);
  if (code.length < 64) throw new Error('its run-length code has no table');
  const segments = view.getUint32(0, true);
  if (segments !== width) throw new Error(`its run-length code has ${segments} segments for ${width} bytes a pixel`);
  const bytes = new Uint8Array(pixels * width);
  for (let segment = 0; segment < segments; segment++) {
    const start = view.getUint32(4 + 4 * segment, true);
    const end = segment + 1 < segments ? view.getUint32(8 + 4 * segment, true) : code.length;
    if (start < 64 || end > code.length || start > end) throw new Error('its run-length table points outside');
    unpackBits(code.subarray(start, end), bytes, width - 1 - segment, width);
  }
  return bytes;
}

/** PackBits: 0 to 127 copies the next n + 1 bytes, −1 to −127 repeats the next byte 1 − n times, −128 does nothing. */
function unpackBits(code: Uint8Array, out: Uint8Array, offset: number, step: number): void {
  let at = offset;
  let i = 0;
  while (at < out.length) {
    if (i + 1 >= code.length) throw new Error('its run-length code ends too early');
    const control = code[i++]!;
    if (control < 128) {
      const end = Math.min(i + control + 1, code.length);
      for (; i < end && at < out.length; at += step) out[at] = code[i++]!;
    } else if (control > 128) {
      const value = code[i++]!;
      for (let left = 257 - control; left > 0 && at < out.length; left--, at += step) out[at] = value;
    }
  }
}
