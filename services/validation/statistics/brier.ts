import { assertProbabilities, unitWeights, type Cases, type Weights } from './cases';
import { equalWidthBin, sumByEqualWidth } from './reliability';
import { ofSums, type SummedStatistic } from './summed';

/**
 * Brier score: the mean squared difference of probability and outcome; 0 is perfect.
 *
 * Source: G. W. Brier, Monthly Weather Review 78 (1950), in the binary form that scikit-learn uses.
 *
 * @throws VALIDATION_SCORE_NOT_PROBABILITY
 */
export function brierScore(cases: Cases, weights: Weights = unitWeights(cases)): number {
  return ofSums(summedBrier(cases), weights)[0]!;
}

/** {@link brierScore} for a bootstrap over patients. */
export function summedBrier(cases: Cases): SummedStatistic {
  assertProbabilities(cases);
  const { scores, labels } = cases;
  return {
    size: 2,
    add(i, weight, sums, start) {
      const distance = scores[i]! - labels[i]!;
      sums[start]! += weight * distance * distance;
      sums[start + 1]! += weight;
    },
    of: ([error, total]) => [error! / total!],
  };
}

/** brier = reliability − resolution + uncertainty + withinBins, to rounding. */
export interface BrierParts {
  /** How far the share of positives lies from the score, bin by bin; 0 is perfectly calibrated. */
  reliability: number;
  /** How far the share of positives in the bins lies from that in all; more is better. */
  resolution: number;
  /** The score of a model that always says the prevalence: a property of the cases alone. */
  uncertainty: number;
  /** What the bins hide, because scores within one differ: their variance less twice their covariance with the labels. */
  withinBins: number;
}

/**
 * Decomposition of the Brier score over bins of equal width.
 *
 * Source: Murphy, Journal of Applied Meteorology 12 (1973), with the two terms within bins of Stephenson, Coelho and
 * Jolliffe, Weather and Forecasting 23 (2008), without which the parts of continuous scores do not add up.
 *
 * @throws VALIDATION_SCORE_NOT_PROBABILITY
 */
export function brierParts(cases: Cases, bins: number): BrierParts {
  const { n, scores, positives } = sumByEqualWidth(cases, bins, unitWeights(cases));
  const total = cases.labels.length;
  const prevalence = cases.positives / total;
  let reliability = 0;
  let resolution = 0;
  let withinBins = 0;
  for (let b = 0; b < bins; b++) {
    if (n[b] === 0) continue;
    const predicted = scores[b]! / n[b]!;
    const observed = positives[b]! / n[b]!;
    reliability += n[b]! * (predicted - observed) ** 2;
    resolution += n[b]! * (observed - prevalence) ** 2;
  }
  for (let i = 0; i < total; i++) {
    const b = equalWidthBin(cases.scores[i]!, bins);
    const off = cases.scores[i]! - scores[b]! / n[b]!;
    withinBins += off * off - 2 * off * (cases.labels[i]! - positives[b]! / n[b]!);
  }
  return {
    reliability: reliability / total,
    resolution: resolution / total,
    uncertainty: prevalence * (1 - prevalence),
    withinBins: withinBins / total,
  };
}
