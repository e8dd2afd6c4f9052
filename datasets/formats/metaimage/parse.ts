import type { Volume } from '../../volume';
import { unpackSync } from '../voxel-files';
import { metaImageError, raiseFault } from './errors';
import { parseHeader } from './header';
import { locateVoxels, toVolume } from './voxel-bytes';

const IN_MEMORY = 'the image';

/**
 * Reads a MetaImage from memory.
 *
 * @param header a whole `.mha`, or an `.mhd`.
 * @param data the `.raw` or `.zraw` of an `.mhd`; whatever ElementDataFile calls it.
 * @param limits `maxVoxels` refuses larger images before memory is taken for them (2^29 unless told).
 * @throws CodedError of the METAIMAGE_… family, all with an HTTP status of 4xx.
 *
 * ```ts
 * const volume = parseMetaImage(await readFile('scan.mhd'), await readFile('scan.raw'));
 * ```
 */
export function parseMetaImage(header: Uint8Array, data?: Uint8Array, limits: { maxVoxels?: number } = {}): Volume {
  const parsed = parseHeader(header, IN_MEMORY, limits.maxVoxels);
  const [dataFile, another] = parsed.dataFiles;
  if (another !== undefined) throw metaImageError('METAIMAGE_DATA_MISSING', { dataFile: parsed.dataFiles.join(', ') });
  const file = dataFile === undefined ? header : data;
  if (!file) throw metaImageError('METAIMAGE_DATA_MISSING', { dataFile: dataFile ?? '' });
  const { offset, length } = locateVoxels(parsed, file.length, IN_MEMORY);
  const bytes = file.subarray(offset, offset + length);
  // A copy, so that the volume neither changes the caller's bytes nor keeps a whole request alive.
  const unpacked = parsed.compressed
    ? unpackSync(bytes, parsed.voxelBytes, IN_MEMORY, raiseFault)
    : Uint8Array.from(bytes);
  return toVolume(parsed, unpacked);
}
