import type { Measured } from '../figure';
import type { CalibrationSection } from '../report/sections';
import { brierScore, expectedCalibrationError, patientBootstrap, reliabilityBins } from '../statistics';
import type { Study } from '../study';
import { figureByPatient } from './figure-of';

/** Whether a score can be read as a probability. */
export function measureCalibration({ cases, suite, patientOf }: Study): Measured<CalibrationSection> {
  const { bins } = suite.calibration;
  const [eceInterval, brierInterval] = patientBootstrap(
    patientOf,
    (weights) => [expectedCalibrationError(cases, bins, weights), brierScore(cases, weights)],
    suite.bootstrap,
  );
  const n = cases.labels.length;
  return {
    figures: {
      ece: figureByPatient(expectedCalibrationError(cases, bins), n, eceInterval!, {
        title: 'Expected calibration error',
        of: 'candidates',
        definition:
          'Mean distance of share of positives and mean score over bins of equal width, weighted by cases (Naeini, Cooper and Hauskrecht 2015); bootstrap over patients.',
      }),
      brier: figureByPatient(brierScore(cases), n, brierInterval!, {
        title: 'Brier score',
        of: 'candidates',
        definition: 'Mean squared difference of score and label (Brier 1950); 0 is perfect; bootstrap over patients.',
      }),
    },
    section: { equalWidth: reliabilityBins(cases, bins), equalMass: [], brierParts: null, temperature: null },
  };
}
