import { assertBothClasses, forEachDistinctScore, unitWeights, type Cases, type Weights } from './cases';

/** An operating point: a case is called positive when its score is at least `threshold`. */
export interface RocPoint {
  threshold: number;
  falsePositiveRate: number;
  truePositiveRate: number;
}

/**
 * Empirical ROC curve: one point a distinct score, from (0, 0) at threshold +∞ to (1, 1).
 * Tied cases move together, so a tie between classes is a slanted line, as in Fawcett,
 * "An introduction to ROC analysis", Pattern Recognition Letters 27 (2006), algorithm 1.
 *
 * @throws VALIDATION_NO_POSITIVES, VALIDATION_NO_NEGATIVES
 */
export function rocCurve(cases: Cases): RocPoint[] {
  assertBothClasses(cases);
  const curve: RocPoint[] = [{ threshold: Infinity, falsePositiveRate: 0, truePositiveRate: 0 }];
  let truePositives = 0;
  let falsePositives = 0;
  forEachDistinctScore(cases, unitWeights(cases), (threshold, positives, negatives) => {
    truePositives += positives;
    falsePositives += negatives;
    curve.push({
      threshold,
      falsePositiveRate: falsePositives / cases.negatives,
      truePositiveRate: truePositives / cases.positives,
    });
  });
  return curve;
}

/**
 * Area under the empirical ROC curve: the probability that a random positive scores above a random negative,
 * a tie counting one half (the Mann–Whitney statistic over its maximum). NaN where a resample lacks a class.
 *
 * Source: Hanley and McNeil, Radiology 143 (1982).
 *
 * @throws VALIDATION_NO_POSITIVES, VALIDATION_NO_NEGATIVES
 */
export function auc(cases: Cases, weights: Weights = unitWeights(cases)): number {
  assertBothClasses(cases);
  let positivesAbove = 0;
  let negativesAbove = 0;
  let wins = 0;
  forEachDistinctScore(cases, weights, (_, positives, negatives) => {
    wins += negatives * (positivesAbove + positives / 2);
    positivesAbove += positives;
    negativesAbove += negatives;
  });
  return wins / (positivesAbove * negativesAbove);
}

export interface SensitivityAtSpecificity {
  threshold: number;
  truePositives: number;
  positives: number;
  falsePositives: number;
  negatives: number;
}

/**
 * The most sensitive point of the empirical ROC curve whose specificity is at least `specificity`.
 * No interpolation: the answer is a threshold that these very cases have, or +∞ (nothing is called positive).
 * The counts are by weight; `truePositives / positives` is the sensitivity.
 *
 * @throws VALIDATION_NO_POSITIVES, VALIDATION_NO_NEGATIVES
 */
export function sensitivityAtSpecificity(
  cases: Cases,
  specificity: number,
  weights: Weights = unitWeights(cases),
): SensitivityAtSpecificity {
  assertBothClasses(cases);
  let truePositives = 0;
  let falsePositives = 0;
  const steps: Omit<SensitivityAtSpecificity, 'positives' | 'negatives'>[] = [
    { threshold: Infinity, truePositives: 0, falsePositives: 0 },
  ];
  forEachDistinctScore(cases, weights, (threshold, positives, negatives) => {
    truePositives += positives;
    falsePositives += negatives;
    steps.push({ threshold, truePositives, falsePositives });
  });
  // In counts, and with room for the rounding of 1 - 0.9, so that 5 of 50 is a specificity of 0.9.
  const allowed = Math.floor((1 - specificity) * falsePositives + 1e-9);
  // Of equal sensitivities the higher threshold is kept: the same nodules with fewer false alarms.
  const best = steps.reduce((a, b) => (b.falsePositives <= allowed && b.truePositives > a.truePositives ? b : a));
  return { ...best, positives: truePositives, negatives: falsePositives };
}

/**
 * True positive rate of the ROC curve at each of `falsePositiveRates` (rising, in [0, 1]), linear between points:
 * the vertical averaging of Fawcett (2006), algorithm 3. NaN where a resample lacks a class.
 */
export function truePositiveRatesAt(
  cases: Cases,
  falsePositiveRates: readonly number[],
  weights: Weights = unitWeights(cases),
): number[] {
  const x = [0];
  const y = [0];
  forEachDistinctScore(cases, weights, (_, positives, negatives) => {
    x.push(x.at(-1)! + negatives);
    y.push(y.at(-1)! + positives);
  });
  const totalX = x.at(-1)!;
  const totalY = y.at(-1)!;
  if (totalX === 0 || totalY === 0) return falsePositiveRates.map(() => NaN);
  let i = 0;
  return falsePositiveRates.map((rate) => {
    const target = rate * totalX;
    // The last point at or left of the target: of a vertical step, its top.
    while (i + 1 < x.length && x[i + 1]! <= target + 1e-9) i++;
    if (i + 1 >= x.length) return 1;
    const along = Math.max(0, target - x[i]!) / (x[i + 1]! - x[i]!);
    return (y[i]! + along * (y[i + 1]! - y[i]!)) / totalY;
  });
}
