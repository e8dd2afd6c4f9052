import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import canonicalize from 'canonicalize';

/** `sha256:` and 64 hexadecimal digits of the bytes (text is taken as UTF-8). */
export function sha256(content: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** Digest of a JSON value in its canonical form (RFC 8785), so that the order of keys does not matter. */
export function digestJson(value: unknown): string {
  return sha256(canonicalize(value) ?? 'null');
}

/** Digest of a file, read as a stream. */
export async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return `sha256:${hash.digest('hex')}`;
}

/** The first twelve hexadecimal digits: enough to name a file or folder by. */
export function shortDigest(digest: string): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12);
}

export function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}
