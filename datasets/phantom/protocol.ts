import type { Random } from 'seeded-random';
import { between, pick } from './draws';

/** How one scan was taken: what differs between scanners, and between two visits of one patient. */
export interface Protocol {
  /** mm in x and y. */
  pixel: number;
  /** mm between slices. */
  slice: number;
  /** Width of the reconstruction kernel's blur in the slice, mm (Gaussian sigma); small is sharp. */
  blur: number;
  /** Edge enhancement of the kernel, 0 (soft tissue) to about 0.5 (lung, bone). */
  enhancement: number;
  /** Share of a neighbouring slice in a slice, 0 to 0.25: slices that overlap. */
  overlap: number;
  /** Standard deviation of the noise in lung, HU. */
  noise: number;
  /** Correlation length of the noise in the slice, mm. */
  grain: number;
  /** HU of blood: about 40 without contrast medium. */
  blood: number;
}

/** In-plane and slice spacing go together, so that a scan stays near ten million voxels. */
const SPACINGS = [
  [0.55, 2.0],
  [0.6, 1.5],
  [0.63, 1.5],
  [0.66, 1.25],
  [0.7, 1.25],
  [0.7, 2.5],
  [0.7, 1.0],
  [0.74, 1.0],
  [0.78, 1.0],
  [0.85, 1.0],
] as const;

export function drawProtocol(random: Random): Protocol {
  const [pixel, slice] = pick(random, SPACINGS);
  const sharpness = random.uniform();
  const contrast = random.uniform() < 0.3;
  return {
    pixel,
    slice,
    blur: 0.62 - 0.27 * sharpness,
    enhancement: 0.45 * sharpness * sharpness,
    overlap: between(random, 0.02, 0.2),
    // Sharp kernels and thin slices are noisier.
    noise: between(random, 9, 19) * (0.7 + 1.5 * sharpness) * Math.sqrt(1.6 / slice),
    grain: 0.75 - 0.35 * sharpness,
    blood: contrast ? between(random, 110, 230) : between(random, 30, 55),
  };
}
