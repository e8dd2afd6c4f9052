import type { Signature } from 'model-bundle';
import { aucOf, averagePrecisionOf, confusionAt, type Cases, type CountsAbove, type Weights } from '../../statistics';
import type { ComparedMetric } from '../../suite';

/** One model on the holdout, at the threshold at which it works. */
export interface Rival {
  cases: Cases;
  threshold: number;
}

/** Metrics of labels and scores; CPM is one of whole scans. */
export type CaseMetric = Exclude<ComparedMetric, 'froc.cpm'>;

/** A figure that both models have, and what its difference is called. */
export interface Endpoint {
  title: string;
  of: (signature: Signature) => string;
  n: (cases: Cases) => number;
  /** Of one model in one resample; `counts` are those of its cases at these weights. NaN where it is not defined. */
  value: (rival: Rival, counts: CountsAbove, weights: Weights) => number;
}

const ofCandidates = () => 'candidates';
const all = ({ labels }: Cases) => labels.length;
const negativeLabel = ({ labels, positiveLabel }: Signature) => labels.find((label) => label !== positiveLabel)!;

const area: Endpoint = { title: 'ROC AUC', of: ofCandidates, n: all, value: (_, counts) => aucOf(counts) };

export const endpoints: Record<CaseMetric, Endpoint> = {
  auc: area,
  aucByPatient: { ...area, title: 'ROC AUC, patients resampled' },
  averagePrecision: {
    title: 'Average precision',
    of: ofCandidates,
    n: all,
    value: (_, counts) => averagePrecisionOf(counts),
  },
  sensitivity: {
    title: 'Sensitivity, each at its own operating point',
    of: ({ positiveLabel }) => `${positiveLabel} candidates`,
    n: ({ positives }) => positives,
    value: ({ cases, threshold }, { positives }, weights) =>
      confusionAt(cases, threshold, weights).truePositives / positives,
  },
  specificity: {
    title: 'Specificity, each at its own operating point',
    of: (signature) => `${negativeLabel(signature)} candidates`,
    n: ({ negatives }) => negatives,
    value: ({ cases, threshold }, { negatives }, weights) =>
      confusionAt(cases, threshold, weights).trueNegatives / negatives,
  },
};
