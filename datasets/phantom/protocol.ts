import type { Random } from 'seeded-random';
import { between } from './draws';
import type { Patient } from './patient';
import { KERNELS, weighted, type Kernel, type Site } from './sites';

/** How one scan was taken: what differs between scanners, and between two visits of one patient. */
export interface Protocol {
  /** mm in x and y. */
  pixel: number;
  /** mm between slices. */
  slice: number;
  /** Thickness of a slice, mm: more than `slice` where slices overlap. */
  thickness: number;
  kernel: Kernel;
  /** Tube current, mA. */
  current: number;
  /** Whether contrast medium was given. */
  contrast: boolean;
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

/** Sharpness, 0 to 1, from which a kernel of each name begins; it ends where the next begins. */
const SHARPNESS: Readonly<Record<Kernel, number>> = { soft: 0, standard: 0.12, lung: 0.45, sharp: 0.72 };

/** LUNA16's scans: 0.46 to 0.98 mm, 0.69 mm in the mean. */
const PIXEL = { mean: 0.69, smallest: 0.46, largest: 0.98 } as const;

export function drawProtocol(random: Random, site: Site, { size }: Patient): Protocol {
  const thickness = weighted(random, site.slices);
  // Thin slices are now and then taken closer than they are thick: LUNA16 goes down to 0.45 mm.
  const slice = thickness < 1 && random.uniform() < 0.4 ? Math.round(7500 * thickness) / 1e4 : thickness;
  const pixel = PIXEL.mean * size * site.fieldOfView * (1 + 0.09 * random.normal());
  const kernel = weighted(
    random,
    KERNELS.map((name) => [name, site.kernels[name]] as const),
  );
  const sharpest = kernel === 'sharp' ? 1 : SHARPNESS[KERNELS[KERNELS.indexOf(kernel) + 1]!];
  const sharpness = between(random, SHARPNESS[kernel], sharpest);
  const current = Math.min(627, Math.max(40, site.current.median * Math.exp(site.current.spread * random.normal())));
  const contrast = random.uniform() < site.contrast;
  return {
    pixel: Math.min(PIXEL.largest, Math.max(PIXEL.smallest, pixel)),
    slice,
    thickness,
    kernel,
    current: Math.round(current),
    contrast,
    blur: 0.62 - 0.27 * sharpness,
    enhancement: 0.45 * sharpness * sharpness,
    overlap: slice < thickness ? between(random, 0.15, 0.25) : between(random, 0.02, 0.15),
    // Fewer photons, thinner slices, larger bodies and sharper kernels are noisier.
    noise:
      11 *
      (0.75 + 1.2 * sharpness + 1.3 * sharpness ** 3) *
      Math.sqrt((120 / current) * (1.6 / thickness)) *
      size ** 2.5 *
      between(random, 0.85, 1.2),
    grain: 0.75 - 0.35 * sharpness,
    blood: contrast ? between(random, 110, 230) : between(random, 30, 55),
  };
}
