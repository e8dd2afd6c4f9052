import fc from 'fast-check';
import { makeCases } from './cases';
import { bothClasses, reference } from './made-cases';
import { wilsonInterval } from './proportion';
import { equalMassBins, equalMassCalibrationError, expectedCalibrationError, reliabilityBins } from './reliability';

test.each([
  [10, [8, 10, 3, 10, 2, 5, 4, 7, 5, 6], 0.11749999999999998],
  [5, [18, 13, 7, 11, 11], 0.07250000000000002],
])('%p reliability bins and their ECE equal scikit-learn, edges and all', (bins, counts, error) => {
  expect(reliabilityBins(reference, bins).map(({ n }) => n)).toEqual(counts);
  expect(expectedCalibrationError(reference, bins)).toBeCloseTo(error, 12);
});

test('a bin shows its mean score and its share of nodules', () => {
  const bin = reliabilityBins(reference, 5)[2]!;
  expect(bin.predicted).toBeCloseTo(0.5357142857142857, 12);
  expect(bin.observed).toBeCloseTo(0.42857142857142855, 12);
  expect(bin.interval).toEqual(wilsonInterval(3, 7));
  expect(reliabilityBins(makeCases([1, 0], [0.95, 0]), 10)[4]).toMatchObject({
    n: 0,
    observed: null,
    interval: null,
  });
});

test('every score on an edge lies in the bin that ends there', () => {
  const edges = Array.from({ length: 101 }, (_, k) => k / 100);
  const counts = reliabilityBins(
    makeCases(
      edges.map(() => 0),
      edges,
    ),
    100,
  ).map(({ n }) => n);
  expect(counts).toEqual([2, ...new Array<number>(99).fill(1)]);
});

test('bins of equal mass hold as many cases each where no scores are equal', () => {
  const scores = Array.from({ length: 100 }, (_, i) => (i + 1) ** 2 / 10_001);
  const bins = equalMassBins(
    makeCases(
      scores.map((_, i) => i % 2),
      scores,
    ),
    10,
  );
  expect(bins.map(({ n }) => n)).toEqual(new Array(10).fill(10));
  expect([bins[0]!.from, bins.at(-1)!.to]).toEqual([scores[0], scores[99]]);
});

test('equal scores stay in one bin, and every case is in some bin', () => {
  fc.assert(
    fc.property(bothClasses, fc.integer({ min: 2, max: 20 }), (cases, k) => {
      const bins = equalMassBins(cases, k);
      expect(bins.reduce((sum, { n }) => sum + n, 0)).toBe(cases.labels.length);
      for (const { from, to } of bins.slice(1)) expect(to).toBeGreaterThan(from);
    }),
  );
  expect(equalMassBins(makeCases([1, 0, 1], [0.4, 0.4, 0.4]), 10)).toMatchObject([{ n: 3, from: 0.4, to: 0.4 }]);
});

test('a model that says the share of positives of each bin has no calibration error', () => {
  const cases = makeCases([1, 0, 0, 0, 1, 1, 1, 0], [0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75, 0.75]);
  expect(expectedCalibrationError(cases, 10)).toBe(0);
  expect(equalMassCalibrationError(cases, 2)).toBe(0);
});
