import type { Volume } from '../../volume';
import {
  type FileRange,
  type StoredVoxels,
  besideHeader,
  fileLength,
  readHead,
  readStoredVoxels,
} from '../voxel-files';
import { raiseFault } from './errors';
import { LONGEST_HEADER, type MetaImageHeader, parseHeader } from './header';
import { locateVoxels, toVolume } from './voxel-bytes';

/** A MetaImage on disk whose header is read and whose data files have the length that the header tells. */
export interface LocatedImage {
  header: MetaImageHeader;
  /** The file or files with the voxels: `path` itself for an `.mha`. */
  dataPaths: readonly string[];
  stored: StoredVoxels;
}

/**
 * Reads a scan from `.mhd` with its `.raw`, `.zraw` or files of slices, or from one `.mha`.
 *
 * @param limits `maxVoxels` refuses larger images before memory is taken for them (2^29 unless told).
 * @throws CodedError of the METAIMAGE_… family: what was wrong and in which file.
 */
export async function readMetaImage(path: string, limits: { maxVoxels?: number } = {}): Promise<Volume> {
  const { header, stored } = await locateMetaImage(path, limits);
  return toVolume(header, await readStoredVoxels(stored, raiseFault));
}

/** Reads the header and checks the length of the data files against it; reads no voxel. */
export async function locateMetaImage(path: string, limits: { maxVoxels?: number } = {}): Promise<LocatedImage> {
  const header = parseHeader(await readHead(path, LONGEST_HEADER, raiseFault), path, limits.maxVoxels);
  const files = header.dataFiles.map((name) => besideHeader(path, name, raiseFault));
  if (files.length === 0) files.push(path);
  const parts: FileRange[] = [];
  for (const file of files) {
    parts.push({ path: file, ...locateVoxels(header, await fileLength(file, raiseFault), file) });
  }
  return { header, dataPaths: files, stored: { parts, packed: header.compressed, voxelBytes: header.voxelBytes } };
}
