import type { Weights } from '../cases';
import { patientBootstrap, type BootstrapOptions } from '../patient-bootstrap';
import type { Interval } from '../proportion';

export interface BootstrapDifference extends Interval {
  /** Two-sided, of no difference. */
  p: number;
}

/**
 * 95 % percentile intervals of differences between two models, over patients. `differences` gets one resample, the same
 * for both models, and returns first minus second for each statistic: what a hard or an easy patient does to both alike
 * cancels out.
 *
 * p comes from the same resamples: twice the smaller share of differences on one side of zero, zero itself counting on
 * both, each share as `(count + 1) / (resamples + 1)` so that no finite number of resamples ever claims p = 0.
 *
 * Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapters 13 and 15; the added one: Davison and
 * Hinkley, "Bootstrap Methods and their Application" (1997), section 4.4.
 *
 * @throws VALIDATION_TOO_FEW_PATIENTS, VALIDATION_BOOTSTRAP_UNDEFINED
 */
export function pairedBootstrap(
  patientOf: ArrayLike<number>,
  differences: (weights: Weights) => readonly number[],
  options: BootstrapOptions,
): BootstrapDifference[] {
  const counts: { notAbove: number; notBelow: number; usable: number }[] = [];
  const intervals = patientBootstrap(
    patientOf,
    (weights) => {
      const values = differences(weights);
      values.forEach((value, i) => {
        const count = (counts[i] ??= { notAbove: 0, notBelow: 0, usable: 0 });
        count.notAbove += Number(value <= 0);
        count.notBelow += Number(value >= 0);
        count.usable += Number(!Number.isNaN(value));
      });
      return values;
    },
    options,
  );
  return intervals.map((interval, i) => ({ ...interval, p: shareOfSides(counts[i]!) }));
}

function shareOfSides({ notAbove, notBelow, usable }: { notAbove: number; notBelow: number; usable: number }): number {
  return Math.min(1, (2 * (Math.min(notAbove, notBelow) + 1)) / (usable + 1));
}
