import type { PreprocessingContract } from 'model-bundle';
import type { Irc } from '../volume';

/** What a patch is: the part of a model's signature that this module makes true. */
export type PatchContract = Readonly<PreprocessingContract>;

/** LUNA16's patch: 32 × 48 × 48 voxels of the scan's own spacing. */
export const LUNA_PATCH: PatchContract = {
  patchSize: [32, 48, 48],
  unit: 'HU',
  clip: [-1000, 1000],
  padding: -1000,
  resampleMm: null,
};

/** Voxels in one patch. */
export function voxelsOf({ patchSize: [slices, rows, columns] }: { patchSize: Irc }): number {
  return slices * rows * columns;
}
