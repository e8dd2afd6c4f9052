import { assertProbabilities, countAbove, distinctScoresFrom, unitWeights, type Cases, type Weights } from './cases';

/**
 * Net benefit of acting on the cases whose probability is at least t, for each t of `thresholds` (in (0, 1)):
 * TP/n − FP/n · t/(1 − t). A true positive a case is worth 1, and t says how many false alarms a true positive
 * outweighs. NaN for a resample of nothing.
 *
 * Source: Vickers and Elkin, "Decision curve analysis", Medical Decision Making 26 (2006).
 *
 * @throws VALIDATION_SCORE_NOT_PROBABILITY
 */
export function netBenefit(
  cases: Cases,
  thresholds: readonly number[],
  weights: Weights = unitWeights(cases),
): number[] {
  assertProbabilities(cases);
  const { truePositives, falsePositives, positives, negatives } = countAbove(cases, weights);
  return thresholds.map((threshold) => {
    const last = distinctScoresFrom(cases, threshold) - 1;
    const benefit = (truePositives[last] ?? 0) - (falsePositives[last] ?? 0) * odds(threshold);
    return benefit / (positives + negatives);
  });
}

/** Net benefit of acting on every case; that of acting on none is 0. */
export function netBenefitOfTreatingAll(prevalence: number, threshold: number): number {
  return prevalence - (1 - prevalence) * odds(threshold);
}

function odds(probability: number): number {
  return probability / (1 - probability);
}
