import { unitWeights, type Cases, type Weights } from './cases';
import { ofSums, type SummedStatistic } from './summed';

/** How the cases come out at a threshold, against their labels. */
export interface Confusion {
  truePositives: number;
  falsePositives: number;
  trueNegatives: number;
  falseNegatives: number;
}

/** A case is called positive when its score is at least `threshold`. */
export function confusionAt(cases: Cases, threshold: number, weights: Weights = unitWeights(cases)): Confusion {
  const [truePositives, falsePositives, trueNegatives, falseNegatives] = ofSums(
    summedConfusion(
      cases,
      threshold,
      ({ truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn }) => [tp, fp, tn, fn],
    ),
    weights,
  ) as [number, number, number, number];
  return { truePositives, falsePositives, trueNegatives, falseNegatives };
}

/** Numbers that follow from {@link confusionAt}, for a bootstrap over patients. */
export function summedConfusion(
  { labels, scores }: Cases,
  threshold: number,
  numbersOf: (confusion: Confusion) => readonly number[],
): SummedStatistic {
  return {
    size: 4,
    add(i, weight, sums, start) {
      sums[start + 2 * labels[i]! + Number(scores[i]! >= threshold)]! += weight;
    },
    of: ([trueNegatives, falsePositives, falseNegatives, truePositives]) =>
      numbersOf({
        truePositives: truePositives!,
        falsePositives: falsePositives!,
        trueNegatives: trueNegatives!,
        falseNegatives: falseNegatives!,
      }),
  };
}

/**
 * F1: the harmonic mean of PPV and sensitivity. NaN where there is no positive and none is called.
 *
 * Source: van Rijsbergen, "Information Retrieval" (1979), chapter 7.
 */
export function f1Score({ truePositives, falsePositives, falseNegatives }: Confusion): number {
  return (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives);
}

/**
 * Matthews correlation coefficient: the correlation of call and label, from −1 to 1. NaN where all cases are of one
 * class or all are called alike, because then nothing can correlate (some programs say 0).
 *
 * Source: Matthews, Biochimica et Biophysica Acta 405 (1975); Chicco and Jurman, BMC Genomics 21 (2020).
 */
export function matthewsCorrelation(confusion: Confusion): number {
  const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = confusion;
  return (tp * tn - fp * fn) / Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
}

/**
 * Balanced accuracy: the mean of sensitivity and specificity. NaN where a class is lacking.
 *
 * Source: Brodersen, Ong, Stephan and Buhmann, ICPR 2010.
 */
export function balancedAccuracy(confusion: Confusion): number {
  const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = confusion;
  return (tp / (tp + fn) + tn / (tn + fp)) / 2;
}
