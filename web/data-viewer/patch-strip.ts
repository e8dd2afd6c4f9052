import { seededRandom } from 'seeded-random';
import {
  type AugmentationConfig,
  type PatchContract,
  type Volume,
  type Xyz,
  augmentPatch,
  extractPatch,
  voxelsOf,
} from '../../datasets';

/** How patches are cut and varied; the same as in training. */
export interface PatchSettings {
  contract: PatchContract;
  /** Null: training does not vary its patches. */
  augmentation: AugmentationConfig | null;
}

/**
 * The patch around a place as the model sees it, and after it `count` variations as training would draw them from `seed`.
 *
 * @returns `[1 + count, slices, rows, columns]`, HU rounded to whole numbers; the patch alone where there is no augmentation.
 * @throws CodedError CANDIDATE_OUTSIDE_SCAN.
 */
export function cutPatchStrip(
  volume: Volume,
  xyz: Xyz,
  { contract, augmentation }: PatchSettings,
  { count, seed }: { count: number; seed: number },
): Int16Array {
  const voxels = voxelsOf(contract);
  const original = extractPatch(volume, xyz, contract);
  const strip = new Int16Array(voxels * (augmentation ? 1 + count : 1));
  strip.set(original.map(Math.round));
  if (!augmentation) return strip;
  const random = seededRandom(`augmentation ${seed}`);
  const varied = new Float32Array(voxels);
  for (let i = 1; i <= count; i++) {
    augmentPatch(original, varied, augmentation, random, contract);
    strip.set(varied.map(Math.round), i * voxels);
  }
  return strip;
}
