import fc from 'fast-check';
import { makeCases, type Cases } from './cases';
import { bothClasses, reference } from './made-cases';
import { auc, partialAuc, rocCorners, rocCurve, sensitivityAtSpecificity, truePositiveRatesAt } from './roc';

function aucOverAllPairs({ labels, scores }: Cases): number {
  let wins = 0;
  let pairs = 0;
  for (const [i, label] of labels.entries()) {
    for (const [j, other] of labels.entries()) {
      if (label !== 1 || other !== 0) continue;
      pairs++;
      wins += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
    }
  }
  return wins / pairs;
}

test('AUC equals scikit-learn with ties', () => {
  expect(auc(reference)).toBeCloseTo(0.795138888888889, 12);
});

test('the curve has the points of scikit-learn, from (0, 0) to (1, 1)', () => {
  const curve = rocCurve(reference);
  expect(curve).toHaveLength(40);
  expect(curve[0]).toEqual({ threshold: Infinity, falsePositiveRate: 0, truePositiveRate: 0 });
  expect(curve[7]).toEqual({ threshold: 0.8, falsePositiveRate: 4 / 36, truePositiveRate: 0.375 });
  expect(curve[20]).toEqual({ threshold: 0.49, falsePositiveRate: 10 / 36, truePositiveRate: 0.75 });
  expect(curve.at(-1)).toMatchObject({ falsePositiveRate: 1, truePositiveRate: 1 });
});

test('AUC is the share of pairs that are in order, by brute force over all pairs', () => {
  fc.assert(
    fc.property(bothClasses, (cases) => {
      expect(auc(cases)).toBeCloseTo(aucOverAllPairs(cases), 12);
    }),
  );
});

test('AUC does not change under a rising map of the scores, and turns to its mirror when labels or scores do', () => {
  fc.assert(
    fc.property(bothClasses, (cases) => {
      const area = auc(cases);
      expect(auc(makeCases(cases.labels, cases.scores.map(Math.exp)))).toBe(area);
      const mirrored = makeCases(
        cases.labels,
        cases.scores.map((score) => -score),
      );
      const relabelled = makeCases(
        cases.labels.map((label) => 1 - label),
        cases.scores,
      );
      expect(auc(mirrored)).toBeCloseTo(1 - area, 12);
      expect(auc(relabelled)).toBeCloseTo(1 - area, 12);
    }),
  );
});

test.each([
  [0.9, 5, 1, 0.91],
  [0.8, 17, 7, 0.59],
  [0.95, 5, 1, 0.91],
  [1, 3, 0, 0.94],
])('at specificity %p the curve of scikit-learn finds %p nodules with %p false alarms', (target, found, alarms, at) => {
  expect(sensitivityAtSpecificity(reference, target)).toEqual({
    threshold: at,
    truePositives: found,
    positives: 24,
    falsePositives: alarms,
    negatives: 36,
  });
});

test('a specificity that is met exactly counts as met', () => {
  const negatives = Array.from({ length: 50 }, (_, i) => i / 100);
  const cases = makeCases([...negatives.map(() => 0), 1], [...negatives, 0.45]);
  expect(sensitivityAtSpecificity(cases, 0.9)).toMatchObject({ truePositives: 1, falsePositives: 5 });
});

test('where a false candidate is on top, full specificity is met by calling nothing positive', () => {
  expect(sensitivityAtSpecificity(makeCases([0, 1], [0.9, 0.1]), 1)).toMatchObject({
    threshold: Infinity,
    truePositives: 0,
  });
});

test('rates between the points of the curve are those of numpy.interp', () => {
  const rates = truePositiveRatesAt(reference, [0, 0.05, 0.1, 0.25, 0.333, 0.5, 1]);
  const expected = [0.125, 5 / 24, 0.24166666666666667, 0.75, 0.7911666666666667, 0.875, 1];
  rates.forEach((rate, i) => {
    expect(rate).toBeCloseTo(expected[i]!, 12);
  });
});

test('equal scores for all give an AUC of one half and one slanted line', () => {
  const flat = makeCases([1, 0, 0, 1], [0.3, 0.3, 0.3, 0.3]);
  expect(auc(flat)).toBe(0.5);
  expect(partialAuc(flat, 0.1)).toBeCloseTo(0.5, 12);
  expect(rocCurve(flat)).toHaveLength(2);
});

test('partial AUC is the AUC over the whole range, 1 when perfect, and knows ranks only', () => {
  fc.assert(
    fc.property(bothClasses, fc.double({ min: 0.01, max: 1, noNaN: true }), (cases, rate) => {
      expect(partialAuc(cases, 1)).toBeCloseTo(auc(cases), 12);
      expect(partialAuc(makeCases([1, 0, 1, 0], [0.9, 0.1, 0.8, 0.2]), rate)).toBeCloseTo(1, 12);
      expect(partialAuc(makeCases(cases.labels, cases.scores.map(Math.exp)), rate)).toBe(partialAuc(cases, rate));
    }),
  );
});

test('the corners of the curve leave the same line between fewer points', () => {
  fc.assert(
    fc.property(bothClasses, (cases) => {
      const curve = rocCurve(cases);
      const corners = rocCorners(curve);
      const area = (points: typeof curve) =>
        points.slice(1).reduce((sum, { falsePositiveRate: x, truePositiveRate: y }, i) => {
          return sum + ((x - points[i]!.falsePositiveRate) * (y + points[i]!.truePositiveRate)) / 2;
        }, 0);
      expect(area(corners)).toBeCloseTo(auc(cases), 12);
      expect([corners[0], corners.at(-1)]).toEqual([curve[0], curve.at(-1)]);
    }),
  );
  const many = makeCases(
    [1, ...new Array<number>(5000).fill(0)],
    Array.from({ length: 5001 }, (_, i) => i),
  );
  expect(rocCorners(rocCurve(many))).toHaveLength(3);
});
