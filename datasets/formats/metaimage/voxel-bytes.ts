import { constants, unzip, unzipSync } from 'node:zlib';
import type { Volume } from '../../volume';

import { decodeElements } from './element-types';
import { metaImageError } from './errors';
import type { MetaImageHeader } from './header';

/** Where the voxels stand in their file, packed or not. */
export interface VoxelRange {
  offset: number;
  length: number;
}

/** Deflate never packs better than this; a header that promises more is wrong, and is refused before memory is taken. */
const BEST_DEFLATE_RATIO = 1032;

/**
 * Finds the voxels in a data file of `fileBytes` bytes and checks that they can be as many as the header tells,
 * before anything is read or allocated.
 */
export function locateVoxels(header: MetaImageHeader, fileBytes: number, file: string): VoxelRange {
  const expected = header.voxelBytes;
  const skip = header.dataFile === undefined ? header.headerBytes : Math.max(header.skipBytes, 0);
  const found = Math.max(fileBytes - skip, 0);
  if (header.compressed) return locatePacked(header, skip, found, file);
  if (found < expected) throw metaImageError('METAIMAGE_TRUNCATED', { file, found, expected });
  if (header.skipBytes === -1) return { offset: fileBytes - expected, length: expected };
  if (found > expected) throw metaImageError('METAIMAGE_WRONG_SIZE', { file, found, expected });
  return { offset: skip, length: expected };
}

function locatePacked(header: MetaImageHeader, offset: number, found: number, file: string): VoxelRange {
  const length = header.compressedBytes ?? found;
  if (found < length) throw metaImageError('METAIMAGE_TRUNCATED', { file, found, expected: length });
  if (length * BEST_DEFLATE_RATIO < header.voxelBytes) {
    const atMost = length * BEST_DEFLATE_RATIO;
    throw metaImageError('METAIMAGE_TRUNCATED', { file, found: atMost, expected: header.voxelBytes });
  }
  return { offset, length };
}

/** Unpacks zlib or gzip data off the event loop. */
export function unpack(packed: Uint8Array, header: MetaImageHeader, file: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    unzip(packed, unpackOptions(header), (error, bytes) => {
      if (error) reject(unpackError(error, header, file));
      else resolveChecked(bytes);
    });
    function resolveChecked(bytes: Uint8Array<ArrayBuffer>): void {
      if (bytes.length === header.voxelBytes) resolve(bytes);
      else reject(tooFew(bytes.length, header, file));
    }
  });
}

export function unpackSync(packed: Uint8Array, header: MetaImageHeader, file: string): Uint8Array<ArrayBuffer> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = unzipSync(packed, unpackOptions(header));
  } catch (error) {
    throw unpackError(error as NodeJS.ErrnoException, header, file);
  }
  if (bytes.length !== header.voxelBytes) throw tooFew(bytes.length, header, file);
  return bytes;
}

/** @param bytes the unpacked voxels; the volume may keep them as its memory. */
export function toVolume(header: MetaImageHeader, bytes: Uint8Array<ArrayBuffer>): Volume {
  return { hu: decodeElements(bytes, header.elementType, header.bigEndian), ...header.geometry };
}

function unpackOptions(header: MetaImageHeader) {
  // A partial flush makes a truncated stream end early instead of failing, so that one check of the length serves both.
  return { maxOutputLength: header.voxelBytes, chunkSize: 1 << 20, finishFlush: constants.Z_SYNC_FLUSH };
}

function unpackError(error: NodeJS.ErrnoException, header: MetaImageHeader, file: string): Error {
  if (error.code === 'ERR_BUFFER_TOO_LARGE') {
    const details = { file, found: `more than ${header.voxelBytes}`, expected: header.voxelBytes };
    return metaImageError('METAIMAGE_WRONG_SIZE', details, error);
  }
  return metaImageError('METAIMAGE_CORRUPT', { file, why: error.message }, error);
}

function tooFew(found: number, header: MetaImageHeader, file: string): Error {
  return metaImageError('METAIMAGE_TRUNCATED', { file, found, expected: header.voxelBytes });
}
