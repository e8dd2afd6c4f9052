import fc from 'fast-check';
import { brierScore } from './brier';
import { countAbove, makeCases, unitWeights } from './cases';
import { confusionAt } from './confusion';
import { netBenefit } from './decision-curve';
import { bothClasses, codeOf } from './made-cases';
import { averagePrecision, precisionsAt } from './precision-recall';
import { equalMassCalibrationError, expectedCalibrationError } from './reliability';
import { auc, partialAuc, sensitivityAtSpecificity, truePositiveRatesAt } from './roc';

test('weights count a case as often as copies of it would', () => {
  const counts = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 42, maxLength: 42 });
  fc.assert(
    fc.property(bothClasses, counts, (cases, counts) => {
      // The last two are one of each class, and count.
      const weights = Uint32Array.from(cases.labels, (_, i) => counts[i]! + Number(i >= cases.labels.length - 2));
      const repeat = (values: ArrayLike<number>) =>
        Array.from(values).flatMap((value, i) => new Array<number>(weights[i]!).fill(value));
      const copied = makeCases(repeat(cases.labels), repeat(cases.scores));
      expect(auc(cases, weights)).toBeCloseTo(auc(copied), 12);
      expect(sensitivityAtSpecificity(cases, 0.8, weights)).toEqual(sensitivityAtSpecificity(copied, 0.8));
      expect(expectedCalibrationError(cases, 10, weights)).toBeCloseTo(expectedCalibrationError(copied, 10), 12);
      expect(brierScore(cases, weights)).toBeCloseTo(brierScore(copied), 12);
      expect(partialAuc(cases, 0.2, weights)).toBeCloseTo(partialAuc(copied, 0.2), 12);
      expect(averagePrecision(cases, weights)).toBeCloseTo(averagePrecision(copied), 12);
      expect(equalMassCalibrationError(cases, 7, weights)).toBeCloseTo(equalMassCalibrationError(copied, 7), 12);
      expect(confusionAt(cases, 0.5, weights)).toEqual(confusionAt(copied, 0.5));
      expect(netBenefit(cases, [0.1, 0.5], weights)).toEqual(netBenefit(copied, [0.1, 0.5]));
      expect(truePositiveRatesAt(cases, [0.1, 0.5], weights)).toEqual(truePositiveRatesAt(copied, [0.1, 0.5]));
      const recalls = [0.2, 0.7, 1];
      expect(precisionsAt(countAbove(cases, weights), recalls)).toEqual(
        precisionsAt(countAbove(copied, unitWeights(copied)), recalls),
      );
    }),
  );
});

test.each([
  ['VALIDATION_LENGTHS_DIFFER', [1, 0], [0.5]],
  ['VALIDATION_LABEL_UNKNOWN', [1, 2], [0.5, 0.5]],
  ['VALIDATION_SCORE_NOT_FINITE', [1, 0], [0.5, NaN]],
  ['VALIDATION_NO_POSITIVES', [0, 0], [0.5, 0.6]],
  ['VALIDATION_NO_NEGATIVES', [1, 1], [0.5, 0.6]],
])('%s is raised by name', (code, labels, scores) => {
  expect(codeOf(() => auc(makeCases(labels, scores)))).toBe(code);
});
