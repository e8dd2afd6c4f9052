import type { Volume } from '../../volume';
import { refuseImpossible } from '../voxel-files';
import { decodeElements } from './element-types';
import { raiseFault } from './errors';
import type { MetaImageHeader } from './header';

/** Where the voxels stand in their file, packed or not. */
export interface VoxelRange {
  offset: number;
  length: number;
}

/**
 * Finds the voxels in a data file of `fileBytes` bytes and checks that they can be as many as the header tells,
 * before anything is read or allocated.
 */
export function locateVoxels(header: MetaImageHeader, fileBytes: number, file: string): VoxelRange {
  const expected = header.voxelBytes / Math.max(header.dataFiles.length, 1);
  const skip = header.dataFiles.length === 0 ? header.headerBytes : Math.max(header.skipBytes, 0);
  const found = Math.max(fileBytes - skip, 0);
  if (header.compressed) return locatePacked(header, skip, found, expected, file);
  if (found < expected) throw raiseFault('TRUNCATED', { file, found, expected });
  if (header.skipBytes === -1) return { offset: fileBytes - expected, length: expected };
  if (found > expected) throw raiseFault('WRONG_SIZE', { file, found, expected });
  return { offset: skip, length: expected };
}

function locatePacked(
  header: MetaImageHeader,
  offset: number,
  found: number,
  expected: number,
  file: string,
): VoxelRange {
  // The length of one part is not told where there are several.
  const length = header.dataFiles.length > 1 ? found : (header.compressedBytes ?? found);
  if (found < length) throw raiseFault('TRUNCATED', { file, found, expected: length });
  refuseImpossible({ path: file, offset, length }, expected, raiseFault);
  return { offset, length };
}

/** @param bytes the unpacked voxels; the volume may keep them as its memory. */
export function toVolume(header: MetaImageHeader, bytes: Uint8Array<ArrayBuffer>): Volume {
  return { hu: decodeElements(bytes, header.elementType, header.bigEndian), ...header.geometry };
}
