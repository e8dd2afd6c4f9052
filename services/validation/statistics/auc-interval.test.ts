import fc from 'fast-check';
import { aucWithInterval, newcombeInterval } from './auc-interval';
import { makeCases } from './cases';
import { delongAuc } from './delong';
import { bothClasses, reference } from './made-cases';

function separated(each: number) {
  const labels = Array.from({ length: 2 * each }, (_, i) => Number(i < each));
  return makeCases(
    labels,
    labels.map((label, i) => label + i / 1e6),
  );
}

test('where the scores separate the classes, few cases leave a wide interval and many a narrow one', () => {
  expect(delongAuc(separated(2)).lower).toBe(1); // what a gate must not believe
  const lower = (each: number) => aucWithInterval(separated(each)).interval.lower;
  expect(lower(2)).toBeLessThan(0.5);
  expect(lower(10)).toBeCloseTo(0.8, 2);
  expect(lower(1000)).toBeGreaterThan(0.995);
  expect(aucWithInterval(separated(10)).interval.upper).toBe(1);
});

test('elsewhere it is DeLong’s interval', () => {
  const { lower, upper, auc } = delongAuc(reference);
  expect(aucWithInterval(reference)).toEqual({ auc, interval: { lower, upper, method: 'DeLong' } });
});

test('the bounds are where the score test begins to reject, on both sides of the AUC', () => {
  fc.assert(
    fc.property(bothClasses, (cases) => {
      const { auc } = delongAuc(cases);
      const { lower, upper } = newcombeInterval(auc, cases);
      expect(lower).toBeLessThanOrEqual(auc);
      expect(upper).toBeGreaterThanOrEqual(auc);
      expect(upper - lower).toBeGreaterThan(0);
      const { positives: m, negatives: n } = cases;
      for (const theta of [lower, upper].filter((bound) => bound > 0 && bound < 1)) {
        // Hanley and McNeil's variance as they wrote it, with classes of the mean size.
        const mean = (m + n) / 2;
        const [q1, q2] = [theta / (2 - theta), (2 * theta ** 2) / (1 + theta)];
        const variance = (theta * (1 - theta) + (mean - 1) * (q1 - theta ** 2 + q2 - theta ** 2)) / (m * n);
        expect(Math.abs(auc - theta) / Math.sqrt(variance)).toBeCloseTo(1.959963984540054, 6);
      }
    }),
  );
});

test('turning the scores over mirrors the interval', () => {
  fc.assert(
    fc.property(bothClasses, (cases) => {
      const { auc } = delongAuc(cases);
      const mirrored = newcombeInterval(1 - auc, cases);
      expect(mirrored.lower).toBeCloseTo(1 - newcombeInterval(auc, cases).upper, 9);
    }),
  );
});
