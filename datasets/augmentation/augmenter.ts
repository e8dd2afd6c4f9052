import type { Random } from 'seeded-random';
import { LUNA_PATCH, type PatchContract } from '../patches';
import { drawAffine } from './affine';
import type { AugmentationConfig } from './config';
import { createResampler } from './resampler';

/** Varies one patch: HU in, as many float32 HU out. `random` decides everything. */
export type Augmenter = (source: Int16Array | Float32Array, target: Float32Array, random: Random) => void;

/**
 * Makes what varies patches of a contract: one trilinear resampling through one affine map, the contract's padding beyond
 * the patch, then noise. It keeps its working memory, so it is for one thread.
 *
 * ```ts
 * const augment = createAugmenter(LUNA_PATCH, { flip: true, shift: 0.1, scale: 0.1, zoom: 0, rotate: true, tilt: 0, noise: 25 });
 * augment(patch, new Float32Array(patch.length), seededRandom(1));
 * ```
 */
export function createAugmenter(contract: PatchContract, config: AugmentationConfig): Augmenter {
  const { resample, addNoise, result } = createResampler(contract);
  return (source, target, random) => {
    resample(source, drawAffine(config, contract.patchSize, random));
    if (config.noise > 0) addNoise(config.noise, random);
    target.set(result);
  };
}

/** Varies one patch, for a look at it; whoever varies many makes an augmenter. */
export function augmentPatch(
  source: Int16Array | Float32Array,
  target: Float32Array,
  config: AugmentationConfig,
  random: Random,
  contract: PatchContract = LUNA_PATCH,
): void {
  createAugmenter(contract, config)(source, target, random);
}
