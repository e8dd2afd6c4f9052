import fc from 'fast-check';
import { makeCases } from './cases';
import { balancedAccuracy, confusionAt, f1Score, matthewsCorrelation } from './confusion';
import { bothClasses } from './made-cases';

test('a score on the threshold is called positive', () => {
  expect(confusionAt(makeCases([1, 1, 0, 0], [0.5, 0.4, 0.5, 0.4]), 0.5)).toEqual({
    truePositives: 1,
    falsePositives: 1,
    trueNegatives: 1,
    falseNegatives: 1,
  });
});

test('every case is counted once, as its label and its score say', () => {
  fc.assert(
    fc.property(bothClasses, fc.double({ min: -1, max: 2, noNaN: true }), (cases, threshold) => {
      const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusionAt(cases, threshold);
      const found = cases.scores.filter((score, i) => score >= threshold && cases.labels[i] === 1).length;
      expect(truePositives).toBe(found);
      expect(truePositives + falseNegatives).toBe(cases.positives);
      expect(falsePositives + trueNegatives).toBe(cases.negatives);
    }),
  );
});

test('calling the opposite turns the correlation over and mirrors balanced accuracy', () => {
  fc.assert(
    fc.property(bothClasses, (cases) => {
      const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusionAt(cases, 0.5);
      const opposite = {
        truePositives: falseNegatives,
        falseNegatives: truePositives,
        falsePositives: trueNegatives,
        trueNegatives: falsePositives,
      };
      const confusion = confusionAt(cases, 0.5);
      expect(balancedAccuracy(opposite)).toBeCloseTo(1 - balancedAccuracy(confusion), 12);
      const mcc = matthewsCorrelation(confusion);
      if (!Number.isNaN(mcc)) expect(matthewsCorrelation(opposite)).toBeCloseTo(-mcc, 12);
    }),
  );
});

test('when nothing is called positive, F1 is 0 and no correlation is defined', () => {
  const confusion = confusionAt(makeCases([1, 0], [0.4, 0.3]), 2);
  expect(f1Score(confusion)).toBe(0);
  expect(matthewsCorrelation(confusion)).toBeNaN();
  expect(balancedAccuracy(confusion)).toBe(0.5);
});
