import type { BootstrapOptions, Cases } from '../statistics';
import type { Lineage, Signature } from 'model-bundle';
import type { Study } from '../study';
import type { Suite } from '../suite';

/** What the measures of labels and scores look at; they need know no model and no dataset. */
export interface ScoredCases {
  cases: Cases;
  /** `[n]`, what is drawn whole in a resample, as an integer from 0. */
  clusterOf: ArrayLike<number>;
  /** What a case and a cluster are called: `candidates`, `patients`. */
  names: { cases: string; clusters: string; positives: string; negatives: string };
  /** A case is called positive when its score is at least this; how that was fixed, for the definitions. */
  threshold: number;
  thresholdOrigin: string;
  /** Of the point that `sensitivityAtSpecificity` reads, and the end of the range of the partial AUC. */
  specificity: number;
  calibrationBins: number;
  /** Range of threshold probabilities of the decision curve, and the one that its figure is read at. */
  decision: { from: number; to: number; at: number } | null;
  /** That the bundle divides its logits by; null where it does not. */
  temperature: number | null;
  bootstrap: BootstrapOptions;
}

/** What of a study the scored cases follow from; evidence gives it too. */
type ScoredStudy = Pick<Study, 'cases' | 'operatingPoint' | 'patientOf'> & {
  suite: Pick<Suite, 'operatingPoint' | 'calibration' | 'decision' | 'bootstrap'>;
  bundle: { signature: Pick<Signature, 'labels' | 'positiveLabel'>; lineage: Pick<Lineage, 'calibration'> };
};

export function scoredCasesOf({ cases, suite, operatingPoint, patientOf, bundle }: ScoredStudy): ScoredCases {
  const { positiveLabel, labels } = bundle.signature;
  const negativeLabel = labels.find((label) => label !== positiveLabel)!;
  return {
    cases,
    clusterOf: patientOf,
    names: {
      cases: 'candidates',
      clusters: 'patients',
      positives: `${positiveLabel} candidates`,
      negatives: `${negativeLabel} candidates`,
    },
    threshold: operatingPoint.threshold,
    thresholdOrigin: 'the threshold that was fixed on the validation split',
    specificity: suite.operatingPoint.specificity,
    calibrationBins: suite.calibration.bins,
    decision: suite.decision ?? null,
    temperature: bundle.lineage.calibration?.temperature ?? null,
    bootstrap: suite.bootstrap,
  };
}
