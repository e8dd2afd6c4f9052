import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createUnzip } from 'node:zlib';
import { digestJson } from 'durable-files';
import { fingerprintOf } from '../../fingerprint';
import type { Voxels } from '../../volume';
import type { FileRange } from '../voxel-files';
import { decodeElements } from './element-types';
import { raiseFault } from './errors';
import type { LocatedImage } from './read';

/**
 * Digest of what a scan is: its voxels as stored but unpacked, their type, and their place in the world.
 * File names and compression do not matter. Reads as a stream, never the whole scan.
 *
 * @param onVoxels is shown the unpacked bytes as they pass, in order, so that one reading serves what else is asked of them.
 */
export async function digestMetaImage(
  { header, stored }: LocatedImage,
  onVoxels?: (bytes: Buffer) => void,
): Promise<string> {
  const hash = createHash('sha256');
  for (const part of stored.parts) {
    await passVoxels(part, stored.voxelBytes / stored.parts.length, stored.packed, (bytes) => {
      hash.update(bytes);
      onVoxels?.(bytes);
    });
  }
  const { geometry, elementType, bigEndian } = header;
  return digestJson({ geometry, elementType, bigEndian, voxels: hash.digest('hex') });
}

/** The digest of a scan and the fingerprint of its values, in one reading. */
export async function describeMetaImage(
  located: LocatedImage,
): Promise<{ digest: string; fingerprint: string | null }> {
  const fingerprint = fingerprintOf();
  const digest = await digestMetaImage(located, inWholeVoxels(located, fingerprint.add));
  return { digest, fingerprint: fingerprint.digest() };
}

/** Bytes pass in pieces of any length; what is left of a voxel waits for the next. */
function inWholeVoxels({ header, stored }: LocatedImage, onVoxels: (hu: Voxels) => void): (bytes: Buffer) => void {
  const [slices, rows, columns] = header.geometry.size;
  const width = stored.voxelBytes / (slices * rows * columns);
  let rest: Uint8Array<ArrayBuffer> = new Uint8Array();
  return (bytes) => {
    const all = Buffer.concat([rest, bytes]);
    const whole = all.length - (all.length % width);
    onVoxels(decodeElements(all.subarray(0, whole), header.elementType, header.bigEndian));
    rest = all.subarray(whole);
  };
}

/** Shows a file's voxels, unpacked, as they are read; they have to be `expected` bytes. */
async function passVoxels(
  { path, offset, length }: FileRange,
  expected: number,
  packed: boolean,
  onBytes: (bytes: Buffer) => void,
): Promise<void> {
  const source = createReadStream(path, { start: offset, end: offset + length - 1, highWaterMark: 1 << 20 });
  let found = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      found += chunk.length;
      onBytes(chunk);
      done(found > expected ? raiseFault('WRONG_SIZE', { file: path, found, expected }) : null);
    },
  });
  if (packed) await pipeline(source, createUnzip({ chunkSize: 1 << 18 }), sink).catch(unpackError(path));
  else await pipeline(source, sink);
  if (found !== expected) throw raiseFault('TRUNCATED', { file: path, found, expected });
}

function unpackError(file: string) {
  return (error: NodeJS.ErrnoException): never => {
    const damaged = error.code?.startsWith('Z_') ?? false;
    throw damaged ? raiseFault('CORRUPT', { file, why: error.message }, error) : error;
  };
}
