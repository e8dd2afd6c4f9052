import { type FileHandle, open } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import type { Volume } from '../../volume';
import { metaImageError } from './errors';
import { LONGEST_HEADER, type MetaImageHeader, parseHeader } from './header';
import { type VoxelRange, locateVoxels, toVolume, unpack } from './voxel-bytes';

/** A MetaImage on disk whose header is read and whose data file has the length that the header tells. */
export interface LocatedImage {
  header: MetaImageHeader;
  /** The file with the voxels: `path` itself for an `.mha`. */
  dataPath: string;
  voxels: VoxelRange;
}

/**
 * Reads a scan from `.mhd` with its `.raw` or `.zraw`, or from one `.mha`.
 *
 * @throws CodedError of the METAIMAGE_… family: what was wrong and in which file.
 */
export async function readMetaImage(path: string): Promise<Volume> {
  const { header, dataPath, voxels } = await locateMetaImage(path);
  const bytes = await withFile(dataPath, (file) => readRange(file, voxels, dataPath));
  return toVolume(header, header.compressed ? await unpack(bytes, header, dataPath) : bytes);
}

/** Reads the header and checks the length of the data file against it; reads no voxel. */
export async function locateMetaImage(path: string): Promise<LocatedImage> {
  const header = await withFile(path, async (file, length) =>
    parseHeader(await readRange(file, { offset: 0, length: Math.min(length, LONGEST_HEADER) }, path), path),
  );
  const dataPath = header.dataFile === undefined ? path : besideHeader(path, header.dataFile);
  const dataBytes = await withFile(dataPath, (_file, length) => Promise.resolve(length));
  return { header, dataPath, voxels: locateVoxels(header, dataBytes, dataPath) };
}

/** A header from elsewhere must not make us read a file outside its folder. */
function besideHeader(path: string, dataFile: string): string {
  const relative = normalize(dataFile.replaceAll('\\', '/'));
  if (isAbsolute(relative) || relative === '..' || relative.startsWith('../')) {
    const why = 'the data file must lie in the folder of the header';
    throw metaImageError('METAIMAGE_UNSUPPORTED', { file: path, key: 'ElementDataFile', value: dataFile, why });
  }
  return join(dirname(path), relative);
}

async function withFile<T>(path: string, work: (file: FileHandle, length: number) => Promise<T>): Promise<T> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw missing ? metaImageError('METAIMAGE_NOT_FOUND', { file: path }, error) : error;
  }
  try {
    return await work(file, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

/** `fs.readFile` stops at 2 GiB, and one read call too. */
async function readRange(
  file: FileHandle,
  { offset, length }: VoxelRange,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, Math.min(length - filled, 1 << 30), offset + filled);
    if (bytesRead === 0) throw metaImageError('METAIMAGE_TRUNCATED', { file: path, found: filled, expected: length });
    filled += bytesRead;
  }
  return bytes;
}
