import type { Figure, Figures } from '../figure';
import {
  balancedAccuracy,
  confusionAt,
  f1Score,
  matthewsCorrelation,
  patientBootstrapOfSums,
  summedConfusion,
} from '../statistics';
import { figureByPatient, proportionFigure } from './figure-of';
import type { ScoredCases } from './scored-cases';

/** How the cases come out at the declared threshold. */
export function measureThreshold(scored: ScoredCases): Figures {
  const { cases, clusterOf, threshold, names, bootstrap } = scored;
  const confusion = confusionAt(cases, threshold);
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusion;
  const n = cases.labels.length;
  const scores = [f1Score, matthewsCorrelation, balancedAccuracy];
  const [f1, mcc, balanced] = patientBootstrapOfSums(
    clusterOf,
    summedConfusion(cases, threshold, (resampled) => scores.map((score) => score(resampled))),
    bootstrap,
  );
  const share = (of: string, title: string, successes: number, trials: number, definition: string): Figure =>
    proportionFigure(successes, trials, { title: `${title} at the operating point`, of, definition });
  const resampled = (title: string, value: number, interval: typeof f1, definition: string): Figure =>
    figureByPatient(
      value,
      n,
      interval ?? null,
      { title: `${title} at the operating point`, of: names.cases, definition },
      names.clusters,
    );
  return {
    sensitivity: share(
      names.positives,
      'Sensitivity',
      truePositives,
      cases.positives,
      `Share of positive cases whose score reaches ${scored.thresholdOrigin}; Wilson interval.`,
    ),
    specificity: share(
      names.negatives,
      'Specificity',
      trueNegatives,
      cases.negatives,
      'Share of negative cases whose score stays below that threshold; Wilson interval.',
    ),
    ppv: share(
      `${names.cases} called positive`,
      'PPV',
      truePositives,
      truePositives + falsePositives,
      'Positive predictive value: share of the cases called positive that are; it holds for the prevalence of these cases only; Wilson interval.',
    ),
    npv: share(
      `${names.cases} called negative`,
      'NPV',
      trueNegatives,
      trueNegatives + falseNegatives,
      'Negative predictive value: share of the cases called negative that are; it holds for the prevalence of these cases only; Wilson interval.',
    ),
    accuracy: share(
      names.cases,
      'Accuracy',
      truePositives + trueNegatives,
      n,
      'Share of cases called as their label says; at an uneven prevalence it says little; Wilson interval.',
    ),
    balancedAccuracy: resampled(
      'Balanced accuracy',
      balancedAccuracy(confusion),
      balanced,
      'Mean of sensitivity and specificity (Brodersen et al. 2010); one half is chance.',
    ),
    f1: resampled(
      'F1',
      f1Score(confusion),
      f1,
      'Harmonic mean of PPV and sensitivity (van Rijsbergen 1979), at the prevalence of these cases.',
    ),
    mcc: resampled(
      'MCC',
      matthewsCorrelation(confusion),
      mcc,
      'Matthews correlation of call and label, −1 to 1 (Matthews 1975); not defined where all cases are called alike.',
    ),
  };
}
