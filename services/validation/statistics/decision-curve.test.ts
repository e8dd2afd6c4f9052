import fc from 'fast-check';
import { makeCases } from './cases';
import { netBenefit, netBenefitOfTreatingAll } from './decision-curve';
import { bothClasses, codeOf } from './made-cases';

const threshold = fc.double({ min: 0.001, max: 0.999, noNaN: true });

test('it is the true positives less the false ones at the odds of the threshold', () => {
  // 2 true and 1 false positive in 5 at odds of 1 to 4.
  expect(netBenefit(makeCases([1, 1, 0, 0, 1], [0.9, 0.2, 0.7, 0.1, 0.1]), [0.2])[0]).toBeCloseTo(0.4 - 0.05, 12);
});

test('a model that calls everything does as well as treating all, one that calls nothing brings 0', () => {
  fc.assert(
    fc.property(bothClasses, threshold, (cases, t) => {
      const prevalence = cases.positives / cases.labels.length;
      const all = makeCases(
        cases.labels,
        cases.scores.map(() => 1),
      );
      const none = makeCases(
        cases.labels,
        cases.scores.map(() => 0),
      );
      expect(netBenefit(all, [t])[0]).toBeCloseTo(netBenefitOfTreatingAll(prevalence, t), 9);
      expect(netBenefit(none, [t])[0]).toBe(0);
    }),
  );
});

test('nothing does better than the labels themselves, which bring the prevalence', () => {
  fc.assert(
    fc.property(bothClasses, threshold, (cases, t) => {
      const prevalence = cases.positives / cases.labels.length;
      expect(netBenefit(makeCases(cases.labels, cases.labels), [t])[0]).toBeCloseTo(prevalence, 12);
      expect(netBenefit(cases, [t])[0]).toBeLessThanOrEqual(prevalence + 1e-12);
    }),
  );
});

test('a logit is no threshold probability', () => {
  expect(codeOf(() => netBenefit(makeCases([1, 0], [3, -2]), [0.1]))).toBe('VALIDATION_SCORE_NOT_PROBABILITY');
});
