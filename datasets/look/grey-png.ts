import { crc32, deflateSync } from 'node:zlib';

/** An 8-bit grey PNG, without filters or metadata. */
export function encodeGreyPng(grey: ArrayLike<number>, width: number, height: number): Buffer {
  return encodePng(grey, width, height, { channels: 1, colourType: 0 });
}

/** An 8-bit colour PNG of red, green and blue, `[height × width × 3]`, without filters or metadata. */
export function encodeRgbPng(rgb: ArrayLike<number>, width: number, height: number): Buffer {
  return encodePng(rgb, width, height, { channels: 3, colourType: 2 });
}

/** Signature, IHDR, IDAT and IEND of ISO/IEC 15948. */
function encodePng(
  samples: ArrayLike<number>,
  width: number,
  height: number,
  { channels, colourType }: { channels: number; colourType: number },
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Bit depth and colour type; deflate, no filter method, not interlaced are the zeros that follow.
  header[8] = 8;
  header[9] = colourType;
  const line = width * channels;
  const scanlines = Buffer.alloc((line + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < line; x++) scanlines[y * (line + 1) + 1 + x] = samples[y * line + x]!;
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(scanlines, { level: 9 });
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}
