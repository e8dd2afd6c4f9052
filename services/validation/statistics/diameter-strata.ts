import type { Cases } from './cases';
import { wilsonInterval, type Interval } from './proportion';

/** Sensitivity among the nodules of one range of diameters; null where there is none. */
export interface DiameterStratum {
  label: string;
  n: number;
  detected: number;
  sensitivity: number | null;
  interval: Interval | null;
}

/**
 * Sensitivity (Wilson interval) by diameter of the nodule. `edgesMm` [6, 10] gives <6, 6–10 and >10 mm, both
 * edges in the middle: the bounds of the Fleischner Society's guideline and of Lung-RADS lie at 6 mm, and
 * LUNA16's sizes thin out above 10. `diametersMm` is `[n]`, null where it is not known; such nodules form a
 * stratum of their own, if there are any. A nodule is detected when its score is at least `threshold`.
 */
export function diameterStrata(
  cases: Cases,
  diametersMm: readonly (number | null)[],
  edgesMm: readonly [number, number],
  threshold: number,
): DiameterStratum[] {
  const [small, large] = edgesMm;
  const ranges: { label: string; holds: (diameter: number | null) => boolean }[] = [
    { label: `< ${small} mm`, holds: (d) => d !== null && d < small },
    { label: `${small}–${large} mm`, holds: (d) => d !== null && d >= small && d <= large },
    { label: `> ${large} mm`, holds: (d) => d !== null && d > large },
    { label: 'not known', holds: (d) => d === null },
  ];
  const nodules = [...cases.labels.keys()].filter((i) => cases.labels[i] === 1);
  const strata = ranges.map(({ label, holds }) => {
    const members = nodules.filter((i) => holds(diametersMm[i] ?? null));
    const n = members.length;
    const detected = members.filter((i) => cases.scores[i]! >= threshold).length;
    const some = n > 0;
    return {
      label,
      n,
      detected,
      sensitivity: some ? detected / n : null,
      interval: some ? wilsonInterval(detected, n) : null,
    };
  });
  return strata.filter(({ label, n }) => n > 0 || label !== 'not known');
}
