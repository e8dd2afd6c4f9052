import fc from 'fast-check';
import { brierParts, brierScore } from './brier';
import { makeCases } from './cases';
import { bothClasses, codeOf, reference } from './made-cases';

test('Brier score equals scikit-learn', () => {
  expect(brierScore(reference)).toBeCloseTo(0.18857166666666667, 12);
});

test('the parts add up to the score', () => {
  fc.assert(
    fc.property(bothClasses, fc.integer({ min: 2, max: 20 }), (cases, bins) => {
      const { reliability, resolution, uncertainty, withinBins } = brierParts(cases, bins);
      expect(reliability - resolution + uncertainty + withinBins).toBeCloseTo(brierScore(cases), 12);
    }),
  );
});

test('a model that always says the prevalence has nothing but its uncertainty', () => {
  const parts = brierParts(makeCases([1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]), 10);
  expect(parts).toEqual({ reliability: 0, resolution: 0, uncertainty: 0.1875, withinBins: 0 });
});

test('a logit is no probability', () => {
  expect(codeOf(() => brierScore(makeCases([1, 0], [0.5, 3.2])))).toBe('VALIDATION_SCORE_NOT_PROBABILITY');
});
