import type { MetricName } from '../suite';
import type { Report } from './schema';

/** Which candidates a figure rests on. */
type Cases = 'candidates' | 'positives' | 'negatives';

/** `candidates`, `nodule candidates`, `non-nodule candidates`: in the words of the model. */
export function candidatesOfClass(of: Cases, { model }: Report): string {
  if (of === 'candidates') return of;
  return `${of === 'positives' ? model.positiveLabel : model.negativeLabel} candidates`;
}

/** How a figure is called, what it is, and who says so. One place for report, pull request and JUnit. */
export const METRIC_WORDS: Record<MetricName, { title: string; definition: string; of: Cases }> = {
  auc: {
    title: 'ROC AUC',
    of: 'candidates',
    definition:
      'Probability that a random positive candidate gets a higher score than a random negative one, a tie counting one half (Hanley and McNeil 1982); interval by DeLong, DeLong and Clarke-Pearson (1988) in the form of Sun and Xu (2014).',
  },
  aucByPatient: {
    title: 'ROC AUC, patients resampled',
    of: 'candidates',
    definition:
      'The same area; its interval is the percentile bootstrap over whole patients (Efron and Tibshirani 1993; Field and Welsh 2007), because candidates of one patient are alike.',
  },
  sensitivityAtSpecificity: {
    title: 'Sensitivity at specificity',
    of: 'positives',
    definition:
      'The highest sensitivity on the empirical ROC curve of the holdout whose specificity is at least the one the suite states, without interpolation; Wilson interval (1927), which takes the threshold as given.',
  },
  sensitivity: {
    title: 'Sensitivity at the operating point',
    of: 'positives',
    definition:
      'Share of positive candidates whose score reaches the threshold that was fixed on the validation split; Wilson interval.',
  },
  specificity: {
    title: 'Specificity at the operating point',
    of: 'negatives',
    definition: 'Share of negative candidates whose score stays below that threshold; Wilson interval.',
  },
  ece: {
    title: 'Expected calibration error',
    of: 'candidates',
    definition:
      'Mean distance of share of positives and mean score over bins of equal width, weighted by cases (Naeini, Cooper and Hauskrecht 2015); bootstrap over patients.',
  },
  brier: {
    title: 'Brier score',
    of: 'candidates',
    definition: 'Mean squared difference of score and label (Brier 1950); 0 is perfect; bootstrap over patients.',
  },
};

export const GOLDEN_TITLE = 'Largest difference in golden cases';

export function metricTitle(metric: MetricName, { operatingPoint }: Report): string {
  const { title } = METRIC_WORDS[metric];
  return metric === 'sensitivityAtSpecificity' ? `${title} ${operatingPoint.targetSpecificity}` : title;
}

type Rule = Report['rules'][number];

/** `ROC AUC, lower bound of the 95 % interval` */
export function measuredQuantity({ metric, on }: Rule, report: Report): string {
  const title = metric in METRIC_WORDS ? metricTitle(metric as MetricName, report) : GOLDEN_TITLE;
  return on === 'point' ? title : `${title}, ${on} bound of the 95 % interval`;
}

/** `0.913 ≥ 0.800 (margin +0.113)` */
export function comparison({ value, op, threshold, passed, margin }: Rule): string {
  const sign = passed ? (op === '>=' ? '≥' : '≤') : op === '>=' ? '<' : '>';
  return `${number(value)} ${sign} ${number(threshold)} (margin ${signed(margin)})`;
}

/** Three decimals, and two significant digits for what would show as 0.000. */
export function number(value: number): string {
  const small = value !== 0 && Math.abs(value) < 0.0005;
  return (small ? value.toExponential(1).replace('.0e', 'e') : value.toFixed(3)).replaceAll('-', '−');
}

export function signed(value: number): string {
  return value >= 0 ? `+${number(value)}` : number(value);
}

export function intervalText(interval: { lower: number; upper: number }): string {
  return `${number(interval.lower)}–${number(interval.upper)}`;
}
