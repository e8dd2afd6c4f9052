import type { Random } from 'seeded-random';
import type { Irc } from '../../../../datasets';
import type { Block, PatchExtent } from '../block';

/** What a perturbation may know of the scan that a block comes from. */
export interface ScanTraits {
  /** Standard deviation of the noise that the scan has by itself, HU. */
  noiseHu: number;
  /** Noise of variance 1 with the spectrum of a reconstruction, for the spacing of the scan. */
  texture: NoiseTexture;
}

/** Planes of noise that repeat without a seam; `side` is a power of two. */
export interface NoiseTexture {
  /** `[planes, side, side]`. */
  values: Float32Array;
  planes: number;
  side: number;
}

/** How one probe changes a scan. */
export interface Perturbation {
  /** Voxels (slices, rows, columns) beyond the patch that it looks at. */
  reach: (strength: number, spacing: Irc, patch: PatchExtent) => Irc;
  /**
   * The block as it would have been stored; may write into the one given. `random` is the same for every strength, so
   * that a curve shows the strength and not the draw.
   */
  apply: (block: Block, strength: number, random: Random, scan: ScanTraits) => Block;
}

export const NO_REACH = (): Irc => [0, 0, 0];
