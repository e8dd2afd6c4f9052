import { crc32 } from 'node:zlib';

/** CRC-32 of a patch's bytes, little-endian. */
export function checksumOf(patch: Int16Array): number {
  return crc32(bytesOf(patch));
}

export function bytesOf({ buffer, byteOffset, byteLength }: Int16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
