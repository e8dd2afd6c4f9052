import { createReadStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createUnzip, unzipSync } from 'node:zlib';
import type { RaiseFault } from './faults';
import { type FileRange, readInto } from './files';

/** Deflate never packs better than this; a header that promises more is wrong, and is refused before memory is taken. */
const BEST_DEFLATE_RATIO = 1032;

// A partial flush makes a truncated stream end early instead of failing, so that one check of the length serves both.
const unzipOptions = { chunkSize: 1 << 18, finishFlush: constants.Z_SYNC_FLUSH };

/** How voxels stand in files: in one, or in several of equal length, one after the other. */
export interface StoredVoxels {
  parts: readonly FileRange[];
  /** Whether each part is packed by itself with zlib or gzip. */
  packed: boolean;
  /** Unpacked bytes before the voxels of each part. */
  skip?: number;
  /** Length of all voxels when unpacked. */
  voxelBytes: number;
}

/**
 * The voxels of all parts, unpacked, in memory of exactly their length. What a packed file holds beyond that is refused
 * when it comes, so that a small file can never take much memory.
 *
 * @throws the faults TRUNCATED, WRONG_SIZE, CORRUPT and NOT_FOUND.
 */
export async function readStoredVoxels(stored: StoredVoxels, raise: RaiseFault): Promise<Uint8Array<ArrayBuffer>> {
  const length = stored.voxelBytes / stored.parts.length;
  if (stored.packed) for (const part of stored.parts) refuseImpossible(part, (stored.skip ?? 0) + length, raise);
  const bytes = new Uint8Array(stored.voxelBytes);
  for (const [i, part] of stored.parts.entries()) {
    const target = bytes.subarray(i * length, (i + 1) * length);
    if (stored.packed) await unpackInto(target, part, stored.skip ?? 0, raise);
    else await readInto(target, { ...part, offset: part.offset + (stored.skip ?? 0), length }, raise);
  }
  return bytes;
}

/** Refuses packed bytes that could never unpack to so many. */
export function refuseImpossible({ path, length }: FileRange, unpacked: number, raise: RaiseFault): void {
  const atMost = length * BEST_DEFLATE_RATIO;
  if (atMost < unpacked) throw raise('TRUNCATED', { file: path, found: atMost, expected: unpacked });
}

async function unpackInto(target: Uint8Array, range: FileRange, skip: number, raise: RaiseFault): Promise<void> {
  const { path: file } = range;
  const expected = target.length;
  let at = -skip;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const wanted = at < 0 ? chunk.subarray(-at) : chunk;
      const start = Math.max(at, 0);
      at += chunk.length;
      if (at > expected) {
        done(raise('WRONG_SIZE', { file, found: `more than ${expected}`, expected }));
        return;
      }
      target.set(wanted, start);
      done();
    },
  });
  await pipeline(streamOf(range), createUnzip(unzipOptions), sink).catch(asCorrupt(file, raise));
  if (at < expected) throw raise('TRUNCATED', { file, found: Math.max(at, 0), expected });
}

/** The first `most` bytes that a packed file unpacks to, or fewer; only as much as that takes is read. */
export async function unpackHead(range: FileRange, most: number, raise: RaiseFault): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let found = 0;
  const source = streamOf(range);
  const unzip = createUnzip({ ...unzipOptions, chunkSize: 1 << 12 });
  try {
    source.on('error', (error) => unzip.destroy(error));
    for await (const chunk of source.pipe(unzip)) {
      chunks.push(chunk as Buffer);
      found += (chunk as Buffer).length;
      if (found >= most) break;
    }
  } catch (error) {
    if (found === 0) asCorrupt(range.path, raise)(error);
  } finally {
    source.destroy();
  }
  return Buffer.concat(chunks).subarray(0, most);
}

/** Unpacks bytes in memory to exactly `expected`. */
export function unpackSync(
  packed: Uint8Array,
  expected: number,
  file: string,
  raise: RaiseFault,
): Uint8Array<ArrayBuffer> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = unzipSync(packed, { ...unzipOptions, maxOutputLength: expected });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') return asCorrupt(file, raise)(error);
    throw raise('WRONG_SIZE', { file, found: `more than ${expected}`, expected }, error);
  }
  if (bytes.length !== expected) throw raise('TRUNCATED', { file, found: bytes.length, expected });
  return bytes;
}

function streamOf({ path, offset, length }: FileRange) {
  return createReadStream(path, { start: offset, end: offset + Math.max(length, 1) - 1, highWaterMark: 1 << 18 });
}

function asCorrupt(file: string, raise: RaiseFault) {
  return (error: unknown): never => {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code?.startsWith('Z_') ? raise('CORRUPT', { file, why: message }, error) : error;
  };
}
