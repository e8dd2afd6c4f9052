import type { Measured } from '../figure';
import type { DiscriminationSection } from '../report/sections';
import {
  auc,
  delongAuc,
  patientBootstrap,
  rocCurve,
  sensitivityAtSpecificity,
  truePositiveRatesAt,
  type Cases,
} from '../statistics';
import type { Study } from '../study';
import { figureByPatient, proportionFigure } from './figure-of';

/** Where the band of the ROC curve is drawn: denser at the left, where the curve turns. */
const BAND_RATES = [
  ...Array.from({ length: 20 }, (_, i) => i / 100),
  ...Array.from({ length: 17 }, (_, i) => (20 + 5 * i) / 100),
];

/** How well the scores tell the classes apart, over all thresholds and at the declared one. */
export function measureDiscrimination(study: Study): Measured<DiscriminationSection> {
  const { cases, suite, operatingPoint, patientOf, bundle } = study;
  const { positiveLabel, labels } = bundle.signature;
  const negativeLabel = labels.find((label) => label !== positiveLabel)!;
  const { specificity } = suite.operatingPoint;
  const delong = delongAuc(cases);
  const [aucInterval, ...band] = patientBootstrap(
    patientOf,
    (weights) => [auc(cases, weights), ...truePositiveRatesAt(cases, BAND_RATES, weights)],
    suite.bootstrap,
  );
  const n = cases.labels.length;
  const atSpecificity = sensitivityAtSpecificity(cases, specificity);
  const confusion = confusionAt(cases, operatingPoint.threshold);
  return {
    figures: {
      auc: {
        title: 'ROC AUC',
        value: delong.auc,
        n,
        of: 'candidates',
        interval: { lower: delong.lower, upper: delong.upper, method: 'DeLong' },
        definition:
          'Probability that a random positive candidate gets a higher score than a random negative one, a tie counting one half (Hanley and McNeil 1982); interval by DeLong, DeLong and Clarke-Pearson (1988) in the form of Sun and Xu (2014).',
      },
      aucByPatient: figureByPatient(delong.auc, n, aucInterval!, {
        title: 'ROC AUC, patients resampled',
        of: 'candidates',
        definition:
          'The same area; its interval is the percentile bootstrap over whole patients (Efron and Tibshirani 1993; Field and Welsh 2007), because candidates of one patient are alike.',
      }),
      sensitivityAtSpecificity: proportionFigure(atSpecificity.truePositives, atSpecificity.positives, {
        title: `Sensitivity at specificity ${specificity}`,
        of: `${positiveLabel} candidates`,
        definition:
          'The highest sensitivity on the empirical ROC curve of the holdout whose specificity is at least the one the suite states, without interpolation; Wilson interval (1927), which takes the threshold as given.',
      }),
      sensitivity: proportionFigure(confusion.truePositives, cases.positives, {
        title: 'Sensitivity at the operating point',
        of: `${positiveLabel} candidates`,
        definition:
          'Share of positive candidates whose score reaches the threshold that was fixed on the validation split; Wilson interval.',
      }),
      specificity: proportionFigure(confusion.trueNegatives, cases.negatives, {
        title: 'Specificity at the operating point',
        of: `${negativeLabel} candidates`,
        definition: 'Share of negative candidates whose score stays below that threshold; Wilson interval.',
      }),
    },
    section: {
      roc: rocCurve(cases).map((point) => ({
        ...point,
        threshold: point.threshold === Infinity ? null : point.threshold,
      })),
      rocBand: band.map((interval, i) => ({ falsePositiveRate: BAND_RATES[i]!, ...interval })),
      precisionRecall: [],
      precisionRecallBand: [],
      confusion,
    },
  };
}

function confusionAt({ labels, scores, positives, negatives }: Cases, threshold: number) {
  const called = (label: number) => scores.filter((score, i) => labels[i] === label && score >= threshold).length;
  const truePositives = called(1);
  const falsePositives = called(0);
  return {
    truePositives,
    falsePositives,
    trueNegatives: negatives - falsePositives,
    falseNegatives: positives - truePositives,
  };
}
