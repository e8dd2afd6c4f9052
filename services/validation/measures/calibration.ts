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
  logitsOf,
  patientBootstrapWhereDefined,
  reliabilityBins,
  unitWeights,
  type Weights,
} from '../statistics';
import { figureByPatient } from './figure-of';
import type { ScoredCases } from './scored-cases';

/** Whether a score can be read as a probability. */
export function measureCalibration(scored: ScoredCases): Measured<CalibrationSection> {
  const { cases, clusterOf, calibrationBins: bins, temperature, names, bootstrap } = scored;
  const logits = logitsOf(cases);
  const measure = (weights: Weights) => [
    expectedCalibrationError(cases, bins, weights),
    equalMassCalibrationError(cases, bins, weights),
    brierScore(cases, weights),
    calibrationSlope(logits, weights),
    calibrationIntercept(logits, weights),
  ];
  const values = measure(unitWeights(cases));
  const intervals = patientBootstrapWhereDefined(clusterOf, measure, bootstrap);
  const figure = (i: number, title: string, definition: string): Figure =>
    figureByPatient(
      values[i]!,
      cases.labels.length,
      intervals[i]!,
      { title, of: names.cases, definition: `${definition} Bootstrap over ${names.clusters}.` },
      names.clusters,
    );
  return {
    figures: {
      ece: figure(
        0,
        'Expected calibration error',
        'Mean distance of share of positives and mean score over bins of equal width, weighted by cases (Naeini, Cooper and Hauskrecht 2015). Chance alone makes it larger than 0.',
      ),
      eceEqualMass: figure(
        1,
        'Expected calibration error, bins of equal mass',
        'The same over bins of as many cases each (Nguyen and O’Connor 2015).',
      ),
      brier: figure(2, 'Brier score', 'Mean squared difference of score and label (Brier 1950); 0 is perfect.'),
      calibrationSlope: figure(
        3,
        'Calibration slope',
        'Slope b of the logistic regression of the label on the logit of the score (Cox 1958; Van Calster et al. 2019); 1 is perfect, below 1 the scores are too extreme. Not defined where the scores separate the classes.',
      ),
      calibrationIntercept: figure(
        4,
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
