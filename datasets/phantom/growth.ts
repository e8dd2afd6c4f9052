import type { Random } from 'seeded-random';
import type { Nodule, NoduleKind } from './nodules';
import { DIAMETERS } from './nodules';

/** A nodule's volume over time. */
export interface Growth {
  /** Days in which its volume doubles; negative: it shrinks. */
  doublingDays: number;
}

/** Mean days of cancers: Hasegawa et al., British Journal of Radiology 73:1252, 2000. */
const CANCER_DAYS: Readonly<Record<NoduleKind, number>> = { solid: 149, 'part-solid': 457, 'ground-glass': 813 };

/** Cancers grow; what is benign hardly changes, either way. */
export function drawGrowth(random: Random, nodule: Nodule, suspicion: number): Growth {
  const isCancer = random.uniform() < 1 / (1 + Math.exp(-2.2 * (suspicion - 3.7)));
  if (isCancer && !nodule.calcified) {
    // A log-normal of this mean.
    return { doublingDays: CANCER_DAYS[nodule.kind] * Math.exp(0.4 * random.normal() - 0.08) };
  }
  const days = 900 * Math.exp(0.5 * Math.abs(random.normal()));
  return { doublingDays: random.uniform() < 0.25 ? -days : days };
}

/** Days to a follow-up: three, six or twelve months, as appointments fall. */
export function drawInterval(random: Random): number {
  return [91, 182, 365][random.integer(3)]! + random.integer(29) - 14;
}

/** The nodule as a scan some days later sees it: its volume times 2^(days / doubling days). */
export function grown(nodule: Nodule, { doublingDays }: Growth, days: number): Nodule {
  const wanted = nodule.diameter * 2 ** (days / doublingDays / 3);
  const diameter = Math.min(DIAMETERS.largest, Math.max(DIAMETERS.floor, wanted));
  return {
    ...nodule,
    diameter,
    core: { offset: nodule.core.offset, radius: (nodule.core.radius * diameter) / nodule.diameter },
  };
}
