import { isCodedError } from 'coded-error';
import fc from 'fast-check';
import { makeCases } from './cases';

/*
 * Reference values: numpy's default_rng(20240501), 60 cases with ties, through scikit-learn 1.9.1 (roc_auc_score,
 * roc_curve with drop_intermediate=False, brier_score_loss, calibration_curve), statsmodels' proportion_confint
 * (method 'wilson') and DeLong's structural components written out over all pairs in numpy, scipy 1.17.1.
 */
// prettier-ignore
export const labels = [1,0,1,1,1,0,0,1,0,1,1,1,1,0,0,0,1,0,0,1,1,0,0,0,1,0,0,1,0,0,1,1,0,0,1,0,0,0,1,0,1,1,0,0,1,0,1,0,0,1,0,0,0,0,0,0,1,0,0,0];
// prettier-ignore
export const scores = [0.4,0.76,0.6,0.88,0.8,0.32,0.07,0.53,0.4,0.85,0.94,0.75,0.96,0.2,0.38,0.2,0.4,0.04,0.03,0.91,0.17,0.12,0.07,0.29,0.2,0.06,0.4,0.67,0.19,0.66,0.91,0.73,0.13,0.49,0.74,0.88,0.41,0.56,0.59,0.89,0.62,0.94,0.91,0.12,0.25,0.11,0.32,0.24,0.05,0.8,0.38,0.09,0.2,0.88,0.32,0.38,0.73,0.05,0.57,0.67];
export const reference = makeCases(labels, scores);

/** Scores on a coarse grid, so that ties within and between the classes are common; both classes present. */
export const bothClasses = fc
  .array(fc.record({ label: fc.constantFrom(0, 1), score: fc.integer({ min: 0, max: 12 }).map((k) => k / 12) }), {
    maxLength: 40,
  })
  .map((rest) => [...rest, { label: 1, score: 0.5 }, { label: 0, score: 0.25 }])
  .map((rows) =>
    makeCases(
      rows.map(({ label }) => label),
      rows.map(({ score }) => score),
    ),
  );

/** The code of the error that `work` throws. */
export function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return isCodedError(error) ? error.code : String(error);
  }
  return 'no error';
}
