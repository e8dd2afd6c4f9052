import type { Volume } from '../volume';
import { formatError } from './errors';
import { writeMetaImage } from './metaimage';
import { writeNifti } from './nifti';
import { writeNrrd } from './nrrd';

/**
 * Writes a scan in the format of the name: `.mhd`, `.mha`, `.nii`, `.nii.gz`, `.nrrd` or `.nhdr`. Voxels keep their
 * type; NIfTI-1 rounds the place to float32, the others keep it. Nothing is ever half-written under the name.
 *
 * @param options `compressed` packs the voxels of `.mhd`, `.mha`, `.nrrd` and `.nhdr`; `.nii.gz` always is packed.
 * @throws FORMAT_NOT_WRITTEN, FORMAT_NOT_COMPRESSED, NIFTI_AXIS_TOO_LONG.
 */
export async function writeVolume(path: string, volume: Volume, options: { compressed?: boolean } = {}): Promise<void> {
  if (/\.(mhd|mha)$/.test(path)) return writeMetaImage(path, volume, options);
  if (/\.(nrrd|nhdr)$/.test(path)) return writeNrrd(path, volume, options);
  if (!/\.nii(\.gz)?$/.test(path)) throw formatError('FORMAT_NOT_WRITTEN', { path });
  if (options.compressed === true && path.endsWith('.nii')) throw formatError('FORMAT_NOT_COMPRESSED', { path });
  return writeNifti(path, volume);
}
