import type { Figures, Measured } from '../figure';
import type { DiscriminationSection } from '../report/sections';
import {
  aucOf,
  aucWithInterval,
  averagePrecision,
  averagePrecisionOf,
  confusionAt,
  countAbove,
  emptyCounts,
  partialAuc,
  partialAucOf,
  patientBootstrap,
  precisionRecallCurve,
  precisionsAt,
  rocCorners,
  rocCurve,
  sensitivityAtSpecificity,
  truePositiveRatesOf,
} from '../statistics';
import { figureByPatient, proportionFigure } from './figure-of';
import type { ScoredCases } from './scored-cases';
import { measureThreshold } from './threshold';

/** Where the band of the ROC curve is drawn: denser at the left, where the curve turns. */
const BAND_RATES = [
  ...Array.from({ length: 20 }, (_, i) => i / 100),
  ...Array.from({ length: 17 }, (_, i) => (20 + 5 * i) / 100),
];

/** Where the band of the precision–recall curve is drawn. */
const BAND_RECALLS = Array.from({ length: 50 }, (_, i) => (i + 1) / 50);

/** How well the scores tell the classes apart, over all thresholds and at the declared one. */
export function measureDiscrimination(scored: ScoredCases): Measured<DiscriminationSection> {
  const { cases, clusterOf, specificity, bootstrap } = scored;
  const roc = rocCorners(rocCurve(cases));
  const counts = emptyCounts(cases);
  const [area, partial, precision, ...bands] = patientBootstrap(
    clusterOf,
    (weights) => {
      countAbove(cases, weights, counts);
      return [
        aucOf(counts),
        partialAucOf(counts, 1 - specificity),
        averagePrecisionOf(counts),
        ...truePositiveRatesOf(counts, BAND_RATES),
        ...precisionsAt(counts, BAND_RECALLS),
      ];
    },
    bootstrap,
  );
  return {
    figures: {
      ...figuresOfAllThresholds(scored, { area: area!, partial: partial!, precision: precision! }),
      ...measureThreshold(scored),
    },
    section: {
      roc: roc.map((point) => ({
        ...point,
        threshold: point.threshold === Infinity ? null : point.threshold,
      })),
      rocBand: BAND_RATES.map((falsePositiveRate, i) => ({ falsePositiveRate, ...bands[i]! })),
      precisionRecall: precisionRecallCurve(cases),
      precisionRecallBand: BAND_RECALLS.map((recall, i) => ({ recall, ...bands[BAND_RATES.length + i]! })),
      confusion: confusionAt(cases, scored.threshold),
    },
  };
}

type Bounds = { lower: number; upper: number };

function figuresOfAllThresholds(
  { cases, names, specificity }: ScoredCases,
  intervals: { area: Bounds; partial: Bounds; precision: Bounds },
): Figures {
  const n = cases.labels.length;
  const { auc, interval } = aucWithInterval(cases);
  const atSpecificity = sensitivityAtSpecificity(cases, specificity);
  const resampled = (value: number, interval: Bounds, title: string, definition: string) =>
    figureByPatient(value, n, interval, { title, of: names.cases, definition }, names.clusters);
  return {
    auc: {
      title: 'ROC AUC',
      value: auc,
      n,
      of: names.cases,
      interval,
      definition:
        'Probability that a random positive case gets a higher score than a random negative one, a tie counting one half (Hanley and McNeil 1982); interval by DeLong, DeLong and Clarke-Pearson (1988) in the form of Sun and Xu (2014), or by Newcombe (2006, method 5) where its variance is 0, as when the scores separate the classes.',
    },
    aucByPatient: resampled(
      auc,
      intervals.area,
      `ROC AUC, ${names.clusters} resampled`,
      `The same area; its interval is the percentile bootstrap over whole ${names.clusters} (Efron and Tibshirani 1993; Field and Welsh 2007), because what belongs together is alike.`,
    ),
    partialAuc: resampled(
      partialAuc(cases, 1 - specificity),
      intervals.partial,
      `Partial AUC at specificity ${specificity} and above`,
      'Area under the ROC curve over that range, on the scale of the AUC: one half is chance, 1 is perfect (McClish 1989).',
    ),
    averagePrecision: resampled(
      averagePrecision(cases),
      intervals.precision,
      'Average precision',
      'Precision at each distinct score, weighted by how much the recall grows there, without interpolation (Manning, Raghavan and Schütze 2008); chance is the prevalence.',
    ),
    sensitivityAtSpecificity: proportionFigure(atSpecificity.truePositives, atSpecificity.positives, {
      title: `Sensitivity at specificity ${specificity}`,
      of: names.positives,
      definition:
        'The highest sensitivity on the empirical ROC curve of these cases whose specificity is at least the one stated, without interpolation; Wilson interval (1927), which takes the threshold as given.',
    }),
  };
}
