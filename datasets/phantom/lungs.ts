import type { Random } from 'seeded-random';
import { between } from './draws';
import { emphysemaShare, type Patient } from './patient';

/** One patient's lung tissue. */
export interface Lungs {
  /** HU in the middle of the chest, and how much denser lung is 1 mm further to the back. */
  density: number;
  dependence: number;
  /** Share of the upper lobes that emphysema has destroyed. */
  emphysema: number;
  fibrosis: Patient['fibrosis'];
  /** Terminal twigs of the vessel trees over those of the average phantom. */
  vessels: number;
  /** The oblique fissures of the right and the left lung. */
  fissures: readonly [Fissure, Fissure];
}

/** A sheet z = middle + slope·y + wave, in mm. */
export interface Fissure {
  middle: number;
  slope: number;
  phase: number;
}

export function drawLungs(random: Random, { emphysema, fibrosis }: Patient): Lungs {
  const fissure = (): Fissure => ({
    middle: between(random, -10, 16),
    slope: between(random, 1.1, 1.9),
    phase: 2 * Math.PI * random.uniform(),
  });
  const share = emphysemaShare(random, emphysema);
  return {
    density: between(random, -890, -838) - 40 * share,
    dependence: between(random, 0.1, 0.7),
    emphysema: share,
    fibrosis,
    // Emphysema takes small vessels with it.
    vessels: between(random, 0.6, 1.2) * (1 - 0.5 * share),
    fissures: [fissure(), fissure()],
  };
}
