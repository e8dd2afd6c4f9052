import {
  assertPositives,
  countAbove,
  distinctScores,
  unitWeights,
  type Cases,
  type CountsAbove,
  type Weights,
} from './cases';

/** An operating point: a case is called positive when its score is at least `threshold`. */
export interface PrecisionRecallPoint {
  threshold: number;
  recall: number;
  precision: number;
}

/**
 * Precision–recall curve by falling threshold: one point for each distinct score at which the recall grows, which are
 * the points that average precision sums over. Between them the precision is a step, not a line.
 *
 * Source: Davis and Goadrich, "The relationship between precision-recall and ROC curves", ICML 2006.
 *
 * @throws VALIDATION_NO_POSITIVES
 */
export function precisionRecallCurve(cases: Cases): PrecisionRecallPoint[] {
  assertPositives(cases);
  const { truePositives, falsePositives, positives } = countAbove(cases, unitWeights(cases));
  const curve: PrecisionRecallPoint[] = [];
  distinctScores(cases).forEach((threshold, run) => {
    const found = truePositives[run]!;
    if (found === (truePositives[run - 1] ?? 0)) return;
    curve.push({ threshold, recall: found / positives, precision: found / (found + falsePositives[run]!) });
  });
  return curve;
}

/**
 * Average precision: the precision at each distinct score, weighted by how much the recall grows there. No
 * interpolation, which would be too good. NaN where a resample has no positive.
 *
 * Source: Manning, Raghavan and Schütze, "Introduction to Information Retrieval" (2008), section 8.4; the form for
 * ties is scikit-learn's `average_precision_score`.
 *
 * @throws VALIDATION_NO_POSITIVES
 */
export function averagePrecision(cases: Cases, weights: Weights = unitWeights(cases)): number {
  assertPositives(cases);
  return averagePrecisionOf(countAbove(cases, weights));
}

/** {@link averagePrecision} of cases that are counted already. */
export function averagePrecisionOf({ truePositives, falsePositives, positives }: CountsAbove): number {
  let sum = 0;
  let before = 0;
  for (let run = 0; run < truePositives.length; run++) {
    const found = truePositives[run]!;
    if (found > before) sum += ((found - before) * found) / (found + falsePositives[run]!);
    before = found;
  }
  return sum / positives;
}

/**
 * Precision at each of `recalls` (rising, in (0, 1]): that of the highest threshold whose recall is at least as much,
 * so that average precision is the mean of this over all recalls. NaN where a resample has no positive.
 */
export function precisionsAt(
  { truePositives, falsePositives, positives }: CountsAbove,
  recalls: readonly number[],
): number[] {
  if (positives === 0) return recalls.map(() => NaN);
  let run = 0;
  return recalls.map((recall) => {
    // With room for rounding, so that 1 of 3 is a recall of 0.3333333333333333.
    while (truePositives[run]! < recall * positives - 1e-9) run++;
    return truePositives[run]! / (truePositives[run]! + falsePositives[run]!);
  });
}
