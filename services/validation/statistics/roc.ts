import {
  assertBothClasses,
  countAbove,
  distinctScores,
  unitWeights,
  type Cases,
  type CountsAbove,
  type Weights,
} from './cases';

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
  const { truePositives, falsePositives, positives, negatives } = countAbove(cases, unitWeights(cases));
  const points = Array.from(distinctScores(cases), (threshold, run) => ({
    threshold,
    falsePositiveRate: falsePositives[run]! / negatives,
    truePositiveRate: truePositives[run]! / positives,
  }));
  return [{ threshold: Infinity, falsePositiveRate: 0, truePositiveRate: 0 }, ...points];
}

/**
 * The same curve in fewer points: those inside a straight line are left out. Hundreds of thousands of candidates leave
 * at most two points a nodule.
 */
export function rocCorners(curve: readonly RocPoint[]): RocPoint[] {
  const corners: RocPoint[] = [];
  for (const point of curve) {
    while (corners.length >= 2 && onOneLine(corners.at(-2)!, corners.at(-1)!, point)) corners.pop();
    corners.push(point);
  }
  return corners;
}

function onOneLine(a: RocPoint, b: RocPoint, c: RocPoint): boolean {
  const cross =
    (b.falsePositiveRate - a.falsePositiveRate) * (c.truePositiveRate - a.truePositiveRate) -
    (c.falsePositiveRate - a.falsePositiveRate) * (b.truePositiveRate - a.truePositiveRate);
  return Math.abs(cross) < 1e-15;
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
  return aucOf(countAbove(cases, weights));
}

/** {@link auc} of cases that are counted already. */
export function aucOf({ truePositives, falsePositives, positives, negatives }: CountsAbove): number {
  let wins = 0;
  let above = 0;
  let negativesAbove = 0;
  for (let run = 0; run < truePositives.length; run++) {
    wins += (falsePositives[run]! - negativesAbove) * (above + truePositives[run]!);
    above = truePositives[run]!;
    negativesAbove = falsePositives[run]!;
  }
  return wins / (2 * positives * negatives);
}

/**
 * Area under the ROC curve from a false positive rate of 0 to `maxFalsePositiveRate`, put on the scale of the AUC:
 * one half is chance and 1 is perfect in that range. The curve is cut there linearly between its points.
 * NaN where a resample lacks a class.
 *
 * Source: McClish, "Analyzing a portion of the ROC curve", Medical Decision Making 9 (1989).
 *
 * @throws VALIDATION_NO_POSITIVES, VALIDATION_NO_NEGATIVES
 */
export function partialAuc(cases: Cases, maxFalsePositiveRate: number, weights: Weights = unitWeights(cases)): number {
  assertBothClasses(cases);
  return partialAucOf(countAbove(cases, weights), maxFalsePositiveRate);
}

/** {@link partialAuc} of cases that are counted already. */
export function partialAucOf(counts: CountsAbove, maxFalsePositiveRate: number): number {
  const { truePositives, falsePositives, positives, negatives } = counts;
  const end = maxFalsePositiveRate * negatives;
  let area = 0; // in pairs
  let x = 0;
  let y = 0;
  for (let run = 0; run < truePositives.length && x < end; run++) {
    const nextX = falsePositives[run]!;
    const nextY = truePositives[run]!;
    const share = nextX <= end ? 1 : (end - x) / (nextX - x);
    const cutY = y + share * (nextY - y);
    area += ((Math.min(nextX, end) - x) * (y + cutY)) / 2;
    x = nextX;
    y = nextY;
  }
  const chance = maxFalsePositiveRate ** 2 / 2;
  return (1 + (area / (positives * negatives) - chance) / (maxFalsePositiveRate - chance)) / 2;
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
  const { truePositives, falsePositives, positives, negatives } = countAbove(cases, weights);
  // In counts, and with room for the rounding of 1 - 0.9, so that 5 of 50 is a specificity of 0.9.
  const allowed = Math.floor((1 - specificity) * negatives + 1e-9);
  const best = { threshold: Infinity, truePositives: 0, falsePositives: 0 };
  const thresholds = distinctScores(cases);
  for (let run = 0; run < thresholds.length && falsePositives[run]! <= allowed; run++) {
    // Of equal sensitivities the higher threshold is kept: the same nodules with fewer false alarms.
    if (truePositives[run]! <= best.truePositives) continue;
    best.threshold = thresholds[run]!;
    best.truePositives = truePositives[run]!;
    best.falsePositives = falsePositives[run]!;
  }
  return { ...best, positives, negatives };
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
  return truePositiveRatesOf(countAbove(cases, weights), falsePositiveRates);
}

/** {@link truePositiveRatesAt} of cases that are counted already. */
export function truePositiveRatesOf(counts: CountsAbove, falsePositiveRates: readonly number[]): number[] {
  const { truePositives, falsePositives, positives, negatives } = counts;
  if (positives === 0 || negatives === 0) return falsePositiveRates.map(() => NaN);
  let run = 0;
  let x = 0;
  let y = 0;
  return falsePositiveRates.map((rate) => {
    const target = rate * negatives;
    // The last point at or left of the target: of a vertical step, its top.
    for (; run < truePositives.length && falsePositives[run]! <= target + 1e-9; run++) {
      x = falsePositives[run]!;
      y = truePositives[run]!;
    }
    if (run === truePositives.length) return 1;
    const along = Math.max(0, target - x) / (falsePositives[run]! - x);
    return (y + along * (truePositives[run]! - y)) / positives;
  });
}
