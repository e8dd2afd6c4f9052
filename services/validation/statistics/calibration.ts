import { assertProbabilities, unitWeights, type Cases, type Weights } from './cases';
import { wilsonInterval, type Interval } from './proportion';

/** One bin of the reliability curve; `observed` and its Wilson interval are null where the bin is empty. */
export interface ReliabilityBin {
  /** Scores in (from, to]; the first bin holds 0 as well. */
  from: number;
  to: number;
  n: number;
  /** Mean score in the bin. */
  predicted: number | null;
  /** Share of positives in the bin. */
  observed: number | null;
  interval: Interval | null;
}

/**
 * Reliability curve over `bins` bins of equal width (those of scikit-learn's `calibration_curve`).
 *
 * Source: DeGroot and Fienberg, The Statistician 32 (1983); Niculescu-Mizil and Caruana, ICML 2005.
 *
 * @throws VALIDATION_SCORE_NOT_PROBABILITY
 */
export function reliabilityBins(cases: Cases, bins: number): ReliabilityBin[] {
  const { n, scoreSum, positives } = sumByBin(cases, bins, unitWeights(cases));
  return Array.from(n, (count, b) => ({
    from: b / bins,
    to: (b + 1) / bins,
    n: count,
    predicted: count === 0 ? null : scoreSum[b]! / count,
    observed: count === 0 ? null : positives[b]! / count,
    interval: count === 0 ? null : wilsonInterval(positives[b]!, count),
  }));
}

/**
 * Expected calibration error of the positive class's probability: the mean over bins of equal width of
 * |share of positives − mean score|, weighted by the cases in the bin. NaN for a resample of nothing.
 *
 * Source: Naeini, Cooper and Hauskrecht, AAAI 2015.
 *
 * @throws VALIDATION_SCORE_NOT_PROBABILITY
 */
export function expectedCalibrationError(cases: Cases, bins: number, weights: Weights = unitWeights(cases)): number {
  const { n, scoreSum, positives } = sumByBin(cases, bins, weights);
  let total = 0;
  let error = 0;
  for (let b = 0; b < bins; b++) {
    total += n[b]!;
    error += Math.abs(positives[b]! - scoreSum[b]!);
  }
  return error / total;
}

/**
 * Brier score: the mean squared difference of probability and outcome; 0 is perfect.
 *
 * Source: G. W. Brier, Monthly Weather Review 78 (1950), in the binary form that scikit-learn uses.
 *
 * @throws VALIDATION_SCORE_NOT_PROBABILITY
 */
export function brierScore(cases: Cases, weights: Weights = unitWeights(cases)): number {
  assertProbabilities(cases);
  let total = 0;
  let error = 0;
  for (let i = 0; i < weights.length; i++) {
    total += weights[i]!;
    error += weights[i]! * (cases.scores[i]! - cases.labels[i]!) ** 2;
  }
  return error / total;
}

function sumByBin(cases: Cases, bins: number, weights: Weights) {
  assertProbabilities(cases);
  const n = new Float64Array(bins);
  const scoreSum = new Float64Array(bins);
  const positives = new Float64Array(bins);
  for (let i = 0; i < weights.length; i++) {
    const score = cases.scores[i]!;
    const bin = binOf(score, bins);
    n[bin]! += weights[i]!;
    scoreSum[bin]! += weights[i]! * score;
    positives[bin]! += weights[i]! * cases.labels[i]!;
  }
  return { n, scoreSum, positives };
}

/** The bin whose (from, to] holds the score; `score * bins` alone would round 0.07 · 100 into the next bin. */
function binOf(score: number, bins: number): number {
  const near = Math.max(0, Math.ceil(score * bins) - 1);
  return near > 0 && score <= near / bins ? near - 1 : near;
}
