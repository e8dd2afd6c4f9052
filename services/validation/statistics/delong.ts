import { assertBothClasses, type Cases } from './cases';
import { Z95, type Interval } from './proportion';

export interface DelongAuc extends Interval {
  auc: number;
  variance: number;
}

/**
 * AUC with DeLong's variance and the 95 % interval `auc ± z·√variance`, cut to [0, 1] (as pROC does).
 *
 * The variance comes from the structural components: V10[i], the share of negatives below positive i, and
 * V01[j], the share of positives above negative j (ties one half); variance = S10/m + S01/n with their sample
 * variances. Found through midranks in O(N log N). With complete separation every component is 1, so the
 * interval is the single point 1; with a single case of a class that class adds no variance.
 *
 * Source: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988); the midrank form is Sun and Xu,
 * IEEE Signal Processing Letters 21 (2014), equations 5–8.
 *
 * @throws VALIDATION_NO_POSITIVES, VALIDATION_NO_NEGATIVES
 */
export function delongAuc(cases: Cases): DelongAuc {
  const { v10, v01 } = structuralComponents(cases);
  const area = mean(v10);
  const variance = sampleVariance(v10) / v10.length + sampleVariance(v01) / v01.length;
  const half = Z95 * Math.sqrt(variance);
  return { auc: area, variance, lower: Math.max(0, area - half), upper: Math.min(1, area + half) };
}

/** What each case contributes to the AUC. */
export interface StructuralComponents {
  /** `[positives]`, in the order of the cases: the share of negatives below, a tie counting one half. */
  v10: Float64Array;
  /** `[negatives]`: the share of positives above. */
  v01: Float64Array;
}

/** @throws VALIDATION_NO_POSITIVES, VALIDATION_NO_NEGATIVES */
export function structuralComponents(cases: Cases): StructuralComponents {
  assertBothClasses(cases);
  const scoresOf = (label: number): Float64Array => cases.scores.filter((_, i) => cases.labels[i] === label);
  const positive = scoresOf(1);
  const negative = scoresOf(0);
  const m = positive.length;
  const n = negative.length;
  const pooled = new Float64Array(m + n);
  pooled.set(positive);
  pooled.set(negative, m);

  const pooledRanks = midranks(pooled);
  const positiveRanks = midranks(positive);
  const negativeRanks = midranks(negative);
  return {
    v10: positiveRanks.map((rank, i) => (pooledRanks[i]! - rank) / n),
    v01: negativeRanks.map((rank, j) => 1 - (pooledRanks[m + j]! - rank) / m),
  };
}

/** Rank from 1 by rising value; tied values share the mean of their ranks. */
export function midranks(values: Float64Array): Float64Array {
  const order = new Uint32Array(values.length).map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let k = start; k < end; k++) ranks[order[k]!] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function sampleVariance(values: Float64Array): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
