import type { Figure } from './gate';
import {
  auc,
  brierScore,
  delongAuc,
  diameterStrata,
  expectedCalibrationError,
  patientBootstrap,
  reliabilityBins,
  rocCurve,
  sensitivityAtSpecificity,
  truePositiveRatesAt,
  wilsonInterval,
  type Cases,
  type DiameterStratum,
  type Interval,
  type ReliabilityBin,
  type RocPoint,
} from './statistics';
import type { MetricName, Suite } from './suite';

/** The holdout with its scores, as statistics see it: no patient, no picture. */
export interface ScoredHoldout {
  cases: Cases;
  /** `[n]`, patient of each case as an integer from 0. */
  patientOf: readonly number[];
  /** `[n]`, null for a non-nodule. */
  diametersMm: readonly (number | null)[];
}

/** The threshold that was fixed beforehand, and on what. */
export interface OperatingPoint {
  threshold: number;
  /** The specificity asked for on the validation split. */
  targetSpecificity: number;
  /** Cases of the validation split that fixed it. */
  positives: number;
  negatives: number;
}

export interface Measurement {
  figures: Record<MetricName, Figure>;
  confusion: { truePositives: number; falsePositives: number; trueNegatives: number; falseNegatives: number };
  roc: RocPoint[];
  /** 95 % band of the true positive rate, point by point, by the bootstrap over patients. */
  rocBand: (Interval & { falsePositiveRate: number })[];
  reliability: ReliabilityBin[];
  diameters: DiameterStratum[];
}

/** Where the band of the ROC curve is drawn: denser at the left, where the curve turns. */
const BAND_RATES = [
  ...Array.from({ length: 20 }, (_, i) => i / 100),
  ...Array.from({ length: 17 }, (_, i) => (20 + 5 * i) / 100),
];

/**
 * Fixes the threshold on the validation split: the lowest score that keeps the suite's specificity there.
 *
 * @throws VALIDATION_NO_POSITIVES, VALIDATION_NO_NEGATIVES
 */
export function fixOperatingPoint({ operatingPoint }: Suite, validation: Cases): OperatingPoint {
  const { threshold, positives, negatives } = sensitivityAtSpecificity(validation, operatingPoint.specificity);
  return {
    // Where not one nodule of the split can be called at that specificity, nothing is called positive.
    threshold: Math.min(threshold, NOTHING_IS_POSITIVE),
    targetSpecificity: operatingPoint.specificity,
    positives,
    negatives,
  };
}

/** Above every probability, and unlike Infinity a number that JSON can hold. */
const NOTHING_IS_POSITIVE = 2;

/** Every figure of the suite on the holdout, with its interval. */
export function measure(suite: Suite, holdout: ScoredHoldout, { threshold }: OperatingPoint): Measurement {
  const { cases } = holdout;
  const { bins } = suite.calibration;
  const { specificity } = suite.operatingPoint;
  const delong = delongAuc(cases);
  const bootstrap = patientBootstrap(
    holdout.patientOf,
    (weights) => [
      auc(cases, weights),
      expectedCalibrationError(cases, bins, weights),
      brierScore(cases, weights),
      ...truePositiveRatesAt(cases, BAND_RATES, weights),
    ],
    suite.bootstrap,
  );
  const [aucInterval, eceInterval, brierInterval, ...band] = bootstrap;
  const n = cases.labels.length;
  const atSpecificity = sensitivityAtSpecificity(cases, specificity);
  const confusion = confusionAt(cases, threshold);
  return {
    figures: {
      auc: { value: delong.auc, n, interval: { lower: delong.lower, upper: delong.upper, method: 'DeLong' } },
      aucByPatient: byPatient(delong.auc, n, aucInterval!),
      sensitivityAtSpecificity: proportion(atSpecificity.truePositives, atSpecificity.positives),
      sensitivity: proportion(confusion.truePositives, cases.positives),
      specificity: proportion(confusion.trueNegatives, cases.negatives),
      ece: byPatient(expectedCalibrationError(cases, bins), n, eceInterval!),
      brier: byPatient(brierScore(cases), n, brierInterval!),
    },
    confusion,
    roc: rocCurve(cases),
    rocBand: band.map((interval, i) => ({ falsePositiveRate: BAND_RATES[i]!, ...interval })),
    reliability: reliabilityBins(cases, bins),
    diameters: diameterStrata(cases, holdout.diametersMm, suite.strata.diameterMm, threshold),
  };
}

function proportion(successes: number, trials: number): Figure {
  const interval = { ...wilsonInterval(successes, trials), method: 'Wilson' };
  return { value: successes / trials, n: trials, interval };
}

function byPatient(value: number, n: number, interval: Interval): Figure {
  return { value, n, interval: { ...interval, method: 'bootstrap over patients' } };
}

function confusionAt({ labels, scores, positives, negatives }: Cases, threshold: number): Measurement['confusion'] {
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
