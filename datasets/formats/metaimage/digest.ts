import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createUnzip } from 'node:zlib';
import { digestJson } from 'durable-files';
import { metaImageError } from './errors';
import type { LocatedImage } from './read';

/**
 * Digest of what a scan is: its voxels as stored but unpacked, their type, and their place in the world.
 * File names and compression do not matter. Reads as a stream, never the whole scan.
 *
 * @param onVoxels is shown the unpacked bytes as they pass, in order, so that one reading serves what else is asked of them.
 */
export async function digestMetaImage(
  { header, dataPath, voxels }: LocatedImage,
  onVoxels?: (bytes: Buffer) => void,
): Promise<string> {
  const { offset, length } = voxels;
  const source = createReadStream(dataPath, { start: offset, end: offset + length - 1, highWaterMark: 1 << 20 });
  const hash = createHash('sha256');
  let found = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      found += chunk.length;
      hash.update(chunk);
      onVoxels?.(chunk);
      done(found > header.voxelBytes ? wrongLength('METAIMAGE_WRONG_SIZE') : null);
    },
  });
  const wrongLength = (code: 'METAIMAGE_WRONG_SIZE' | 'METAIMAGE_TRUNCATED') =>
    metaImageError(code, { file: dataPath, found, expected: header.voxelBytes });

  if (header.compressed) await pipeline(source, createUnzip({ chunkSize: 1 << 18 }), sink).catch(unpackError(dataPath));
  else await pipeline(source, sink);
  if (found !== header.voxelBytes) throw wrongLength('METAIMAGE_TRUNCATED');
  const { geometry, elementType, bigEndian } = header;
  return digestJson({ geometry, elementType, bigEndian, voxels: hash.digest('hex') });
}

function unpackError(file: string) {
  return (error: NodeJS.ErrnoException): never => {
    const damaged = error.code?.startsWith('Z_') ?? false;
    throw damaged ? metaImageError('METAIMAGE_CORRUPT', { file, why: error.message }, error) : error;
  };
}
