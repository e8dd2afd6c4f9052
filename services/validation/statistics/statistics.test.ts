import { isCodedError } from 'coded-error';
import fc from 'fast-check';
import {
  auc,
  brierScore,
  delongAuc,
  expectedCalibrationError,
  makeCases,
  patientBootstrap,
  reliabilityBins,
  rocCurve,
  sensitivityAtSpecificity,
  truePositiveRatesAt,
  wilsonInterval,
  type Cases,
} from '.';

/*
 * Reference values: numpy's default_rng(20240501), 60 cases with ties, through scikit-learn 1.9.1 (roc_auc_score,
 * roc_curve with drop_intermediate=False, brier_score_loss, calibration_curve), statsmodels' proportion_confint
 * (method 'wilson') and DeLong's structural components written out over all pairs in numpy, scipy 1.17.1.
 */
// prettier-ignore
const labels = [1,0,1,1,1,0,0,1,0,1,1,1,1,0,0,0,1,0,0,1,1,0,0,0,1,0,0,1,0,0,1,1,0,0,1,0,0,0,1,0,1,1,0,0,1,0,1,0,0,1,0,0,0,0,0,0,1,0,0,0];
// prettier-ignore
const scores = [0.4,0.76,0.6,0.88,0.8,0.32,0.07,0.53,0.4,0.85,0.94,0.75,0.96,0.2,0.38,0.2,0.4,0.04,0.03,0.91,0.17,0.12,0.07,0.29,0.2,0.06,0.4,0.67,0.19,0.66,0.91,0.73,0.13,0.49,0.74,0.88,0.41,0.56,0.59,0.89,0.62,0.94,0.91,0.12,0.25,0.11,0.32,0.24,0.05,0.8,0.38,0.09,0.2,0.88,0.32,0.38,0.73,0.05,0.57,0.67];
const reference = makeCases(labels, scores);

/** Scores on a coarse grid, so that ties within and between the classes are common; both classes present. */
const bothClasses = fc
  .array(fc.record({ label: fc.constantFrom(0, 1), score: fc.integer({ min: 0, max: 12 }).map((k) => k / 12) }), {
    maxLength: 40,
  })
  .map((rest) => [...rest, { label: 1, score: 0.5 }, { label: 0, score: 0.25 }])
  .map((rows) =>
    makeCases(
      rows.map(({ label }) => label),
      rows.map(({ score }) => score),
    ),
  );

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

/** DeLong's variance straight from its definition, over all pairs. */
function delongVarianceOverAllPairs({ labels, scores }: Cases): number {
  const of = (label: number) => [...scores].filter((_, i) => labels[i] === label);
  const above = (x: number, y: number) => (x > y ? 1 : x === y ? 0.5 : 0);
  const share = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const spread = (values: number[]) =>
    values.length < 2 ? 0 : values.reduce((a, b) => a + (b - share(values)) ** 2, 0) / (values.length - 1);
  const [x, y] = [of(1), of(0)];
  const v10 = x.map((a) => share(y.map((b) => above(a, b))));
  const v01 = y.map((b) => share(x.map((a) => above(a, b))));
  return spread(v10) / x.length + spread(v01) / y.length;
}

describe('ROC', () => {
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

  test('weights count a case as often as copies of it would', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 42, maxLength: 42 });
    fc.assert(
      fc.property(bothClasses, counts, (cases, counts) => {
        const weights = Uint32Array.from(cases.labels, (_, i) => counts[i]!);
        const repeat = (values: ArrayLike<number>) =>
          Array.from(values).flatMap((value, i) => new Array<number>(counts[i]!).fill(value));
        const copied = makeCases(repeat(cases.labels), repeat(cases.scores));
        expect(auc(cases, weights)).toBeCloseTo(auc(copied), 12);
        expect(sensitivityAtSpecificity(cases, 0.8, weights)).toEqual(sensitivityAtSpecificity(copied, 0.8));
        expect(expectedCalibrationError(cases, 10, weights)).toBeCloseTo(expectedCalibrationError(copied, 10), 12);
        expect(brierScore(cases, weights)).toBeCloseTo(brierScore(copied), 12);
      }),
    );
  });

  test('equal scores for all give an AUC of one half and one slanted line', () => {
    const flat = makeCases([1, 0, 0, 1], [0.3, 0.3, 0.3, 0.3]);
    expect(auc(flat)).toBe(0.5);
    expect(rocCurve(flat)).toHaveLength(2);
    expect(delongAuc(flat)).toMatchObject({ auc: 0.5, variance: 0, lower: 0.5, upper: 0.5 });
  });

  test.each([
    [0.9, 5, 1, 0.91],
    [0.8, 17, 7, 0.59],
    [0.95, 5, 1, 0.91],
    [1, 3, 0, 0.94],
  ])(
    'at specificity %p the curve of scikit-learn finds %p nodules with %p false alarms',
    (target, found, alarms, at) => {
      expect(sensitivityAtSpecificity(reference, target)).toEqual({
        threshold: at,
        truePositives: found,
        positives: 24,
        falsePositives: alarms,
        negatives: 36,
      });
    },
  );

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
});

describe('DeLong', () => {
  test('variance and interval equal the structural components written out in numpy', () => {
    const { auc, variance, lower, upper } = delongAuc(reference);
    expect(auc).toBeCloseTo(0.7951388888888888, 12);
    expect(variance).toBeCloseTo(0.003342872558980651, 14);
    expect(lower).toBeCloseTo(0.6818185143830103, 12);
    expect(upper).toBeCloseTo(0.9084592633947673, 12);
  });

  test('midranks give what the definition over all pairs gives', () => {
    fc.assert(
      fc.property(bothClasses, (cases) => {
        expect(delongAuc(cases).auc).toBeCloseTo(auc(cases), 12);
        expect(delongAuc(cases).variance).toBeCloseTo(delongVarianceOverAllPairs(cases), 12);
      }),
    );
  });
});

describe('proportions', () => {
  test.each([
    [0, 10, 0, 0.27753279986288926],
    [10, 10, 0.7224672001371106, 1],
    [7, 9, 0.45258896910698887, 0.9367748928821533],
    [45, 50, 0.7863976856252034, 0.9565242350681095],
    [1, 3, 0.06149194472039626, 0.7923403991979523],
    [333, 1000, 0.3044779033483562, 0.3628002339858192],
  ])('Wilson interval of %p in %p equals statsmodels', (successes, trials, lower, upper) => {
    const interval = wilsonInterval(successes, trials);
    expect(interval.lower).toBeCloseTo(lower, 12);
    expect(interval.upper).toBeCloseTo(upper, 12);
  });

  test('no trials have no interval', () => {
    expect(codeOf(() => wilsonInterval(0, 0))).toBe('VALIDATION_PROPORTION_INVALID');
  });
});

describe('calibration', () => {
  test('Brier score equals scikit-learn', () => {
    expect(brierScore(reference)).toBeCloseTo(0.18857166666666667, 12);
  });

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
});

describe('bootstrap over patients', () => {
  const patientOf = labels.map((_, i) => i % 12);
  const area = (weights: Uint32Array) => [auc(reference, weights)];

  test('the same seed gives the same interval, another seed another', () => {
    const run = (seed: number) => patientBootstrap(patientOf, area, { resamples: 200, seed });
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });

  test('with a patient for each case the interval comes near DeLong', () => {
    const single = labels.map((_, i) => i);
    const [interval] = patientBootstrap(single, area, { resamples: 2000, seed: 3 });
    const delong = delongAuc(reference);
    expect(Math.abs(interval!.lower - delong.lower)).toBeLessThan(0.03);
    expect(Math.abs(interval!.upper - delong.upper)).toBeLessThan(0.03);
  });

  test('cases that repeat within a patient do not narrow the interval', () => {
    const tripled = makeCases([...labels, ...labels, ...labels], [...scores, ...scores, ...scores]);
    const width = (cases: Cases, patients: number[]) => {
      const [interval] = patientBootstrap(patients, (w) => [auc(cases, w)], { resamples: 500, seed: 4 });
      return interval!.upper - interval!.lower;
    };
    expect(width(tripled, [...patientOf, ...patientOf, ...patientOf])).toBeCloseTo(width(reference, patientOf), 12);
  });

  test('the bounds are the 26th value from either end of 1000', () => {
    let next = 0;
    const counter = () => [++next];
    expect(patientBootstrap([0, 1], counter, { resamples: 1000, seed: 0 })).toEqual([{ lower: 26, upper: 975 }]);
  });

  test('the interval of a mean covers the truth about 95 % of the time', () => {
    const patients = 40;
    let covered = 0;
    for (let trial = 0; trial < 200; trial++) {
      const [interval] = patientBootstrap(
        Array.from({ length: patients }, (_, i) => i),
        meanOf(simulatedEffects(patients, trial)),
        { resamples: 300, seed: trial },
      );
      if (interval!.lower <= 0.5 && 0.5 <= interval!.upper) covered++;
    }
    expect(covered / 200).toBeGreaterThan(0.89);
    expect(covered / 200).toBeLessThan(0.99);
  });

  test('one patient has no interval, and a class that nearly always lacks is refused', () => {
    expect(codeOf(() => patientBootstrap([0, 0], area, { resamples: 10, seed: 0 }))).toBe(
      'VALIDATION_TOO_FEW_PATIENTS',
    );
    expect(codeOf(() => patientBootstrap([0, 1], () => [NaN], { resamples: 10, seed: 0 }))).toBe(
      'VALIDATION_BOOTSTRAP_UNDEFINED',
    );
  });
});

describe('bad input', () => {
  test.each([
    ['VALIDATION_LENGTHS_DIFFER', [1, 0], [0.5]],
    ['VALIDATION_LABEL_UNKNOWN', [1, 2], [0.5, 0.5]],
    ['VALIDATION_SCORE_NOT_FINITE', [1, 0], [0.5, NaN]],
    ['VALIDATION_NO_POSITIVES', [0, 0], [0.5, 0.6]],
    ['VALIDATION_NO_NEGATIVES', [1, 1], [0.5, 0.6]],
  ])('%s is raised by name', (code, labels, scores) => {
    expect(codeOf(() => auc(makeCases(labels, scores)))).toBe(code);
  });

  test('a logit is no probability', () => {
    expect(codeOf(() => brierScore(makeCases([1, 0], [0.5, 3.2])))).toBe('VALIDATION_SCORE_NOT_PROBABILITY');
  });
});

/** Uniform effects of mean one half from a linear congruential sequence of its own, not the bootstrap's stream. */
function simulatedEffects(count: number, trial: number): number[] {
  let state = (trial * 7919 + 12345) >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
}

function meanOf(effects: number[]): (weights: Uint32Array) => number[] {
  return (weights) => [effects.reduce((sum, effect, i) => sum + effect * weights[i]!, 0) / effects.length];
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return isCodedError(error) ? error.code : String(error);
  }
  return 'no error';
}
