/** What a compressed image says of itself, read before a decoder takes memory for it. */
export interface CodeSize {
  rows: number;
  columns: number;
  components: number;
}

/** Size in a JPEG 2000 code stream (ISO 15444-1 A.5.1). Undefined: it is none. */
export function jpeg2000Size(code: Uint8Array): CodeSize | undefined {
  const view = new DataView(code.buffer, code.byteOffset, code.length);
  if (code.length < 48 || view.getUint32(0) !== 0xff4fff51) return undefined;
  const columns = view.getUint32(8) - view.getUint32(16);
  const rows = view.getUint32(12) - view.getUint32(20);
  return { rows, columns, components: view.getUint16(40) };
}

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
const START_OF_FRAME = new Set([0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf, 0xf7]);

/** Size in the one frame header of a JPEG or JPEG-LS code (ISO 10918-1 B.2.2, 14495-1 C.2.2). Undefined: it has none, or two. */
export function jpegSize(code: Uint8Array): CodeSize | undefined {
  const view = new DataView(code.buffer, code.byteOffset, code.length);
  let size: CodeSize | undefined;
  if (code.length < 4 || view.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 4 <= code.length;) {
    const marker = view.getUint16(at) - 0xff00;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE) return size;
    const length = view.getUint16(at + 2);
    if (marker < 0xc0 || length < 2) return undefined;
    if (START_OF_FRAME.has(marker)) {
      if (size || at + 10 > code.length) return undefined;
      size = { rows: view.getUint16(at + 5), columns: view.getUint16(at + 7), components: code[at + 9]! };
    }
    at += 2 + length;
  }
  return undefined;
}
