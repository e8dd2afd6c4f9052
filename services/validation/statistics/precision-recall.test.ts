import fc from 'fast-check';
import { countAbove, makeCases, unitWeights } from './cases';
import { bothClasses, codeOf } from './made-cases';
import { averagePrecision, precisionRecallCurve, precisionsAt } from './precision-recall';

test('average precision is the area under the steps of the curve', () => {
  fc.assert(
    fc.property(bothClasses, (cases) => {
      const curve = precisionRecallCurve(cases);
      const area = curve.reduce(
        (sum, { recall, precision }, i) => sum + (recall - (curve[i - 1]?.recall ?? 0)) * precision,
        0,
      );
      expect(averagePrecision(cases)).toBeCloseTo(area, 12);
    }),
  );
});

test('the precision at a recall is that of the step which reaches it', () => {
  fc.assert(
    fc.property(bothClasses, (cases) => {
      const counts = countAbove(cases, unitWeights(cases));
      const curve = precisionRecallCurve(cases);
      const recalls = curve.map(({ recall }) => recall);
      expect(precisionsAt(counts, recalls)).toEqual(curve.map(({ precision }) => precision));
      expect(precisionsAt(counts, [1e-6])[0]).toBe(curve[0]!.precision);
    }),
  );
});

test('average precision does not change under a rising map of the scores', () => {
  fc.assert(
    fc.property(bothClasses, (cases) => {
      const mapped = makeCases(cases.labels, cases.scores.map(Math.exp));
      expect(averagePrecision(mapped)).toBe(averagePrecision(cases));
    }),
  );
});

test('equal scores for all give the prevalence', () => {
  expect(averagePrecision(makeCases([1, 0, 0, 0], [0.3, 0.3, 0.3, 0.3]))).toBe(0.25);
});

test('no negatives leave a precision of 1, no positives none at all', () => {
  expect(averagePrecision(makeCases([1, 1], [0.3, 0.4]))).toBe(1);
  expect(codeOf(() => averagePrecision(makeCases([0, 0], [0.3, 0.4])))).toBe('VALIDATION_NO_POSITIVES');
});
