import fc from 'fast-check';
import { seededRandom } from 'seeded-random';
import { compareToMargin, holmAdjusted, makeCases, mcnemarP, pairedBootstrap, pairedDelong, auc, delongAuc } from '..';

const pairedScores = fc
  .array(fc.tuple(fc.nat(9), fc.nat(9), fc.nat(1)), { minLength: 4, maxLength: 40 })
  .map((rows) => [[3, 4, 1], [5, 2, 0], ...rows] as const)
  .map((rows) => {
    const column = (k: 0 | 1 | 2) => rows.map((row) => row[k]);
    return { first: makeCases(column(2), column(0)), second: makeCases(column(2), column(1)) };
  });
/** Each case a patient of its own. */
const alone = ({ length }: { length: number }) => Array.from({ length }, (_, i) => i);

describe('the difference of two AUCs', () => {
  test('is the difference of their areas, and turns its sign when the models change places', () => {
    fc.assert(
      fc.property(pairedScores, ({ first, second }) => {
        const [there, back] = [pairedDelong(first, second), pairedDelong(second, first)];
        expect(there.difference).toBeCloseTo(auc(first) - auc(second), 12);
        expect(back.difference).toBeCloseTo(-there.difference, 12);
        expect([back.lower, back.upper, back.p]).toEqual([-there.upper, -there.lower, there.p].map(near));
      }),
    );
  });

  test('of a model with itself is 0, without doubt and without significance', () => {
    fc.assert(
      fc.property(pairedScores, ({ first }) => {
        expect(pairedDelong(first, first)).toEqual({ difference: 0, variance: 0, lower: 0, upper: 0, p: 1 });
      }),
    );
  });

  test('against a model that knows nothing has the variance of the one AUC', () => {
    fc.assert(
      fc.property(pairedScores, ({ first }) => {
        const blind = makeCases(first.labels, new Float64Array(first.labels.length).fill(0.5));
        expect(pairedDelong(first, blind).variance).toBeCloseTo(delongAuc(first).variance, 12);
      }),
    );
  });

  test('has an interval that covers the truth about 95 % of the time, and a p that is below 0.05 as often as it should', () => {
    const random = seededRandom('two models');
    const labels = Array.from({ length: 160 }, (_, i) => Number(i % 4 === 0));
    const trials = 400;
    let covered = 0;
    let significant = 0;
    for (let trial = 0; trial < trials; trial++) {
      // Binormal scores with as much noise in common as of their own: an area is Φ(shift / √2 / noise).
      const common = labels.map(() => random.normal());
      const model = (shift: number) =>
        makeCases(
          labels,
          labels.map((label, i) => shift * label + (common[i]! + random.normal()) / Math.SQRT2),
        );
      const [weak, strong, equal] = [model(1), model(1.5), model(1.5)];
      const { lower, upper } = pairedDelong(strong, weak);
      const truth = 0.8555778 - 0.7602499; // Φ(1.5 / √2) − Φ(1 / √2)
      covered += Number(lower <= truth && truth <= upper);
      significant += Number(pairedDelong(strong, equal).p < 0.05);
    }
    expect(covered / trials).toBeGreaterThan(0.925);
    expect(covered / trials).toBeLessThan(0.975);
    expect(significant / trials).toBeGreaterThan(0.025);
    expect(significant / trials).toBeLessThan(0.075);
  });

  test('between cases that are not the same is refused', () => {
    const first = makeCases([1, 0, 0], [3, 2, 1]);
    for (const second of [makeCases([0, 1, 0], [3, 2, 1]), makeCases([1, 0], [2, 1])]) {
      expect(() => pairedDelong(first, second)).toThrow('not the same');
    }
  });
});

describe('the bootstrap of a difference', () => {
  test('draws the same patients for both models: where both always agree there is nothing left to vary', () => {
    const first = makeCases([1, 0, 1, 0, 0, 1], [0.9, 0.2, 0.7, 0.8, 0.1, 0.3]);
    const same = makeCases(first.labels, first.scores.map(Math.sqrt));
    const [found] = pairedBootstrap([0, 0, 1, 1, 2, 2], (weights) => [auc(first, weights) - auc(same, weights)], {
      resamples: 400,
      seed: 3,
    });
    expect(found).toEqual({ lower: 0, upper: 0, p: 1 });
  });

  test('counts the sides of zero: p is twice the smaller share, and never 0', () => {
    let draw = 0;
    const oneInFifty = () => [++draw % 50 === 0 ? -1 : 1];
    const [found] = pairedBootstrap([0, 1], oneInFifty, { resamples: 1000, seed: 1 });
    expect(found!.p).toBeCloseTo((2 * 21) / 1001, 12);
    const [never] = pairedBootstrap([0, 1], () => [1], { resamples: 1000, seed: 1 });
    expect(never!.p).toBeCloseTo(2 / 1001, 12);
  });

  test('comes near DeLong where each case is a patient of its own', () => {
    const n = 300;
    const labels = Array.from({ length: n }, (_, i) => i % 2);
    const noise = (i: number, k: number) => ((i * 7919 + k * 104729) % 1009) / 1009;
    const first = makeCases(
      labels,
      labels.map((label, i) => 0.5 * label + noise(i, 1) + 0.5 * noise(i, 3)),
    );
    const second = makeCases(
      labels,
      labels.map((label, i) => 0.3 * label + noise(i, 1) + 0.5 * noise(i, 5)),
    );
    const exact = pairedDelong(first, second);
    const [drawn] = pairedBootstrap(alone(labels), (weights) => [auc(first, weights) - auc(second, weights)], {
      resamples: 1000,
      seed: 5,
    });
    const width = exact.upper - exact.lower;
    expect(Math.abs(drawn!.lower - exact.lower)).toBeLessThan(0.12 * width);
    expect(Math.abs(drawn!.upper - exact.upper)).toBeLessThan(0.12 * width);
  });
});

describe('Holm’s correction', () => {
  test('gives the values of R’s p.adjust', () => {
    const adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.005]);
    [0.03, 0.06, 0.06, 0.02].forEach((p, i) => {
      expect(adjusted[i]).toBeCloseTo(p, 12);
    });
  });

  test('is the closed test over all sets of hypotheses, each by Bonferroni', () => {
    const ps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(ps, (p) => {
        const sets = Array.from({ length: 2 ** p.length - 1 }, (_, k) =>
          p.flatMap((_, i) => (((k + 1) >> i) & 1 ? i : [])),
        );
        const bonferroni = (set: number[]) => Math.min(1, set.length * Math.min(...set.map((i) => p[i]!)));
        holmAdjusted(p).forEach((adjusted, i) => {
          expect(adjusted).toBeCloseTo(Math.max(...sets.filter((set) => set.includes(i)).map(bonferroni)), 12);
        });
      }),
    );
  });

  test('of no endpoint is nothing', () => {
    expect(holmAdjusted([])).toEqual([]);
  });
});

describe('McNemar’s test', () => {
  test('does not care which model is called first, and is sure of nothing where they err alike', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), (b, c) => {
        expect(mcnemarP(b, c)).toBe(mcnemarP(c, b));
        expect(mcnemarP(b, b)).toBe(1);
      }),
    );
  });
});

describe('the verdict against the margin', () => {
  // The cases of figure 1 of the CONSORT extension, turned so that positive is better, with a margin of 0.05.
  test.each([
    ['A', { lower: 0.01, upper: 0.08 }, 'superior'],
    ['B', { lower: -0.02, upper: 0.06 }, 'non-inferior'],
    ['C', { lower: -0.04, upper: 0.01 }, 'non-inferior'],
    ['D', { lower: -0.04, upper: -0.01 }, 'non-inferior'],
    ['E', { lower: -0.09, upper: 0.09 }, 'inconclusive'],
    ['F', { lower: -0.08, upper: 0.02 }, 'inconclusive'],
    ['G', { lower: -0.09, upper: -0.01 }, 'inconclusive'],
    ['H', { lower: -0.12, upper: -0.06 }, 'inferior'],
  ])('case %s: %p is %s', (_, interval, verdict) => {
    expect(compareToMargin(interval, 0.05, 0.01)).toBe(verdict);
  });

  test('does not call superior what is no longer significant after the correction', () => {
    expect(compareToMargin({ lower: 0.01, upper: 0.08 }, 0.05, 0.09)).toBe('non-inferior');
  });

  test('takes a bound on the margin as not shown', () => {
    expect(compareToMargin({ lower: -0.05, upper: 0.02 }, 0.05, 1)).toBe('inconclusive');
    expect(compareToMargin({ lower: -0.09, upper: -0.05 }, 0.05, 1)).toBe('inconclusive');
  });
});

function near(value: number): unknown {
  return expect.closeTo(value, 12);
}
