import fc from 'fast-check';
import { areaUnderRoc, emptyTally, summarize } from './metrics';

const sample = fc.record({
  score: fc.integer({ min: 0, max: 8 }).map((n) => n / 8),
  label: fc.integer({ min: 0, max: 1 }),
});

test('the AUC is the chance that a positive scores above a negative, a tie counting half', () => {
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 40 }), (samples) => {
      const of = (wanted: number) => samples.filter(({ label }) => label === wanted).map(({ score }) => score);
      const wins = of(1).flatMap((p) => of(0).map((n) => (p > n ? 1 : p === n ? 0.5 : 0)));
      const expected = wins.length > 0 ? wins.reduce<number>((a, b) => a + b, 0) / wins.length : null;
      const auc = areaUnderRoc(
        samples.map(({ score }) => score),
        samples.map(({ label }) => label),
      );
      if (expected === null) expect(auc).toBeNull();
      else expect(auc).toBeCloseTo(expected, 12);
    }),
  );
});

test('an epoch is summed up over all of its samples', () => {
  const tally = { lossSum: 2, scores: [0.9, 0.4, 0.6, 0.1], labels: [1, 1, 0, 0] };
  expect(summarize(tally)).toEqual({ loss: 0.5, accuracy: 0.5, auc: 0.75, sensitivity: 0.5, specificity: 0.5 });
});

test('a figure that the data cannot give is null, not a number', () => {
  expect(summarize({ ...emptyTally(), scores: [0.2], labels: [0] })).toMatchObject({
    auc: null,
    sensitivity: null,
    specificity: 1,
  });
});
