import type { Figure, Measured } from '../figure';
import type { CalibrationSection } from '../report/sections';
import {
  brierParts,
  brierScore,
  calibrationIntercept,
  calibrationSlope,
  equalMassBins,
  equalMassCalibrationError,
  expectedCalibrationError,
  patientBootstrapOfSums,
  patientBootstrapWhereDefined,
  reliabilityBins,
  summedBrier,
  summedCalibrationError,
  together,
  type Recalibration,
} from '../statistics';
import { figureByPatient } from './figure-of';
import type { ScoredCases } from './scored-cases';

/** Whether a score can be read as a probability. */
export function measureCalibration(scored: ScoredCases): Measured<CalibrationSection> {
  const { cases, clusterOf, calibrationBins: bins, temperature, names, bootstrap } = scored;
  const n = cases.labels.length;
  const [equalMass] = patientBootstrapWhereDefined(
    clusterOf,
    (weights) => [equalMassCalibrationError(cases, bins, weights)],
    bootstrap,
  );
  const [equalWidth, brier] = patientBootstrapOfSums(
    clusterOf,
    together([summedCalibrationError(cases, bins), summedBrier(cases)]),
    bootstrap,
  );
  const figure = (value: number, interval: typeof brier, title: string, definition: string): Figure =>
    figureByPatient(
      value,
      n,
      interval ?? null,
      { title, of: names.cases, definition: `${definition} Bootstrap over ${names.clusters}.` },
      names.clusters,
    );
  const recalibrated = ({ value, interval }: Recalibration, title: string, definition: string): Figure => ({
    title,
    value: Number.isFinite(value) ? value : null,
    n,
    of: names.cases,
    interval: interval && { ...interval, method: `robust to clusters of ${names.clusters}` },
    definition: `${definition} Interval by the cluster-robust variance (Liang and Zeger 1986) and Student’s t.`,
  });
  return {
    figures: {
      ece: figure(
        expectedCalibrationError(cases, bins),
        equalWidth,
        'Expected calibration error',
        'Mean distance of share of positives and mean score over bins of equal width, weighted by cases (Naeini, Cooper and Hauskrecht 2015). Chance alone makes it larger than 0.',
      ),
      eceEqualMass: figure(
        equalMassCalibrationError(cases, bins),
        equalMass,
        'Expected calibration error, bins of equal mass',
        'The same over bins of as many cases each (Nguyen and O’Connor 2015).',
      ),
      brier: figure(
        brierScore(cases),
        brier,
        'Brier score',
        'Mean squared difference of score and label (Brier 1950); 0 is perfect.',
      ),
      calibrationSlope: recalibrated(
        calibrationSlope(cases, clusterOf),
        'Calibration slope',
        'Slope b of the logistic regression of the label on the logit of the score (Cox 1958; Van Calster et al. 2019); 1 is perfect, below 1 the scores are too extreme. Not defined where the scores separate the classes.',
      ),
      calibrationIntercept: recalibrated(
        calibrationIntercept(cases, clusterOf),
        'Calibration intercept',
        'Intercept of the same with the slope held at 1: calibration in the large (Cox 1958; Van Calster et al. 2019); 0 is perfect, below 0 the scores are too high on the whole.',
      ),
    },
    section: {
      equalWidth: reliabilityBins(cases, bins),
      equalMass: equalMassBins(cases, bins),
      brierParts: brierParts(cases, bins),
      temperature,
    },
  };
}
