import { assertProbabilities, unitWeights, type Cases, type Weights } from './cases';
import { ofSums, type SummedStatistic } from './summed';

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
): readonly number[] {
  return ofSums(summedNetBenefit(cases, thresholds), weights);
}

/** {@link netBenefit} for a bootstrap over patients. */
export function summedNetBenefit(cases: Cases, thresholds: readonly number[]): SummedStatistic {
  assertProbabilities(cases);
  const { labels, scores } = cases;
  const rising = [...thresholds.keys()].sort((a, b) => thresholds[a]! - thresholds[b]!);
  // How many of the thresholds a score reaches: what it counts for.
  const reached = Uint32Array.from(scores, (score) => rising.filter((t) => score >= thresholds[t]!).length);
  return {
    size: 2 * (thresholds.length + 1),
    add(i, weight, sums, start) {
      sums[start + 2 * reached[i]! + labels[i]!]! += weight;
    },
    of(sums) {
      const benefit = new Array<number>(thresholds.length).fill(0);
      let total = 0;
      for (let k = 0; k < 2 * (thresholds.length + 1); k++) total += sums[k]!;
      let truePositives = 0;
      let falsePositives = 0;
      for (let k = thresholds.length; k > 0; k--) {
        falsePositives += sums[2 * k]!;
        truePositives += sums[2 * k + 1]!;
        const t = rising[k - 1]!;
        benefit[t] = (truePositives - falsePositives * odds(thresholds[t]!)) / total;
      }
      return benefit;
    },
  };
}

/** Net benefit of acting on every case; that of acting on none is 0. */
export function netBenefitOfTreatingAll(prevalence: number, threshold: number): number {
  return prevalence - (1 - prevalence) * odds(threshold);
}

function odds(probability: number): number {
  return probability / (1 - probability);
}
