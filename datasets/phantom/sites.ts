import type { Random } from 'seeded-random';

export const KERNELS = ['soft', 'standard', 'lung', 'sharp'] as const;
export type Kernel = (typeof KERNELS)[number];

/** A hospital: its scanner, its habits, and whom it sees. */
export interface Site {
  name: string;
  /** Stands where a scanner's maker would; made up. */
  manufacturer: string;
  /** Share of all patients. */
  share: number;
  /** Slice thickness in mm and how often it is chosen. */
  slices: readonly (readonly [number, number])[];
  kernels: Readonly<Record<Kernel, number>>;
  /** Tube current at 120 kV, mA: median and spread (standard deviation of its logarithm). */
  current: { median: number; spread: number };
  /** Share of scans with contrast medium. */
  contrast: number;
  /** Pixels are smaller where the field of view is drawn closer around the lungs. */
  fieldOfView: number;
  meanAge: number;
  emphysema: number;
  fibrosis: number;
}

/**
 * Three made-up sites. Together they have the slice thicknesses of LIDC-IDRI's scans of at most 2.5 mm, from which
 * LUNA16 is taken (0.6 mm: 7, 0.75: 30, 0.9: 2, 1.0: 58, 1.25: 349, 1.5: 5, 2.0: 124, 2.5: 322), and its mix of kernels
 * (soft 67, standard 560, slightly enhancing 264, over-enhancing 127): Armato et al., Medical Physics 38:915, 2011.
 */
export const SITES: readonly Site[] = [
  {
    name: 'screening',
    manufacturer: 'Phantom A',
    share: 0.45,
    slices: [
      [1.25, 0.7],
      [2.5, 0.3],
    ],
    kernels: { soft: 0.05, standard: 0.7, lung: 0.2, sharp: 0.05 },
    current: { median: 75, spread: 0.3 },
    contrast: 0.02,
    fieldOfView: 1,
    meanAge: 62,
    emphysema: 0.28,
    fibrosis: 0.06,
  },
  {
    name: 'hospital',
    manufacturer: 'Phantom B',
    share: 0.35,
    slices: [
      [2.5, 0.6],
      [2, 0.22],
      [1.25, 0.15],
      [1, 0.03],
    ],
    kernels: { soft: 0.12, standard: 0.55, lung: 0.25, sharp: 0.08 },
    current: { median: 240, spread: 0.4 },
    contrast: 0.6,
    fieldOfView: 1.06,
    meanAge: 59,
    emphysema: 0.2,
    fibrosis: 0.07,
  },
  {
    name: 'lung-clinic',
    manufacturer: 'Phantom C',
    share: 0.2,
    slices: [
      [2, 0.3],
      [1, 0.27],
      [0.75, 0.17],
      [2.5, 0.1],
      [1.25, 0.05],
      [1.5, 0.05],
      [0.6, 0.04],
      [0.9, 0.02],
    ],
    kernels: { soft: 0, standard: 0.2, lung: 0.4, sharp: 0.4 },
    current: { median: 140, spread: 0.35 },
    contrast: 0.25,
    fieldOfView: 0.95,
    meanAge: 65,
    emphysema: 0.4,
    fibrosis: 0.2,
  },
];

export function drawSite(random: Random): Site {
  return weighted(
    random,
    SITES.map((site) => [site, site.share] as const),
  );
}

/** One of some items, as often as their weights say. */
export function weighted<T>(random: Random, items: readonly (readonly [T, number])[]): T {
  let left = random.uniform() * items.reduce((sum, [, weight]) => sum + weight, 0);
  return (items.find(([, weight]) => (left -= weight) < 0) ?? items.at(-1)!)[0];
}
