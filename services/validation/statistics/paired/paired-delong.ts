import { validationError } from '../../errors';
import type { Cases } from '../cases';
import { structuralComponents, type StructuralComponents } from '../delong';
import { Z95, type Interval } from '../proportion';
import { twoSidedP } from './normal';

export interface PairedDelong extends Interval {
  /** First minus second. */
  difference: number;
  /** Of the difference. */
  variance: number;
  /** Two-sided, of no difference. */
  p: number;
}

/**
 * Difference of two AUCs on the same cases, with the 95 % interval `difference ± z·√variance`, cut to [-1, 1], and
 * Wald's test of no difference. The variance is that of the difference of the structural components of each case, which
 * is `Var₁ + Var₂ − 2·Cov`: two models that err on the same cases are told apart by fewer of them.
 *
 * Cases are taken as independent. Where many come from one patient, the bootstrap over patients is the honest interval.
 * Two models whose components are equal have a variance of 0: then p is 1, and 0 where they differ by a constant.
 *
 * Source: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988), equations 4–6.
 *
 * @throws VALIDATION_NO_POSITIVES, VALIDATION_NO_NEGATIVES, VALIDATION_NOT_PAIRED
 */
export function pairedDelong(first: Cases, second: Cases): PairedDelong {
  assertPaired(first, second);
  const [one, two] = [structuralComponents(first), structuralComponents(second)];
  const gaps = (part: keyof StructuralComponents) => one[part].map((value, i) => value - two[part][i]!);
  const [v10, v01] = [gaps('v10'), gaps('v01')];
  const difference = mean(v10);
  const variance = varianceOfMean(v10) + varianceOfMean(v01);
  const half = Z95 * Math.sqrt(variance);
  return {
    difference,
    variance,
    lower: Math.max(-1, difference - half),
    upper: Math.min(1, difference + half),
    p: variance === 0 ? Number(difference === 0) : twoSidedP(difference / Math.sqrt(variance)),
  };
}

/**
 * The same cases in the same order: the labels tell.
 *
 * @throws VALIDATION_NOT_PAIRED
 */
export function assertPaired(first: Cases, second: Cases): void {
  const n = first.labels.length;
  const paired = n === second.labels.length && first.labels.every((label, i) => label === second.labels[i]);
  if (!paired) throw validationError('VALIDATION_NOT_PAIRED', { first: n, second: second.labels.length });
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function varianceOfMean(values: Float64Array): number {
  const n = values.length;
  if (n < 2) return 0;
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (n - 1) / n;
}
