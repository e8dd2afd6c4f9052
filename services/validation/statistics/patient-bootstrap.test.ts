import { brierScore, summedBrier } from './brier';
import { makeCases, type Cases } from './cases';
import { confusionAt, f1Score, matthewsCorrelation, summedConfusion } from './confusion';
import { netBenefit, summedNetBenefit } from './decision-curve';
import { delongAuc } from './delong';
import { codeOf, labels, reference, scores } from './made-cases';
import { patientBootstrap, patientBootstrapOfSums, patientBootstrapWhereDefined } from './patient-bootstrap';
import { expectedCalibrationError, summedCalibrationError } from './reliability';
import { auc } from './roc';
import { together } from './summed';

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

test('one patient has no interval, and a class that nearly always lacks is refused', () => {
  expect(codeOf(() => patientBootstrap([0, 0], area, { resamples: 10, seed: 0 }))).toBe('VALIDATION_TOO_FEW_PATIENTS');
  expect(codeOf(() => patientBootstrap([0, 1], () => [NaN], { resamples: 10, seed: 0 }))).toBe(
    'VALIDATION_BOOTSTRAP_UNDEFINED',
  );
});

test('where most resamples define nothing, the lenient form says null', () => {
  const options = { resamples: 10, seed: 0 };
  expect(patientBootstrapWhereDefined([0, 1], () => [NaN, 1], options)).toEqual([null, { lower: 1, upper: 1 }]);
});

test('a resample without a finite value still counts: the bound is infinite, not too narrow', () => {
  let next = 0;
  const statistic = () => [next++ < 10 ? Infinity : 1];
  expect(patientBootstrapWhereDefined([0, 1], statistic, { resamples: 100, seed: 0 })).toEqual([
    { lower: 1, upper: Infinity },
  ]);
});

test('statistics of sums have the same intervals from the sums of patients as from all cases', () => {
  const thresholds = [0.5, 0.1, 0.9];
  const statistics = [
    summedBrier(reference),
    summedCalibrationError(reference, 5),
    summedConfusion(reference, 0.5, (confusion) => [f1Score(confusion), matthewsCorrelation(confusion)]),
    summedNetBenefit(reference, thresholds),
  ];
  const options = { resamples: 300, seed: 5 };
  const bySums = [...patientBootstrapOfSums(patientOf, together(statistics), options)];
  const byCases = patientBootstrap(
    patientOf,
    (weights) => {
      const confusion = confusionAt(reference, 0.5, weights);
      return [
        brierScore(reference, weights),
        expectedCalibrationError(reference, 5, weights),
        f1Score(confusion),
        matthewsCorrelation(confusion),
        ...netBenefit(reference, thresholds, weights),
      ];
    },
    options,
  );
  expect(bySums).toHaveLength(7);
  byCases.forEach(({ lower, upper }, k) => {
    expect(bySums[k]!.lower).toBeCloseTo(lower, 12);
    expect(bySums[k]!.upper).toBeCloseTo(upper, 12);
  });
  // With a patient for each case the cases are walked over instead.
  const single = labels.map((_, i) => i);
  const [walked] = patientBootstrapOfSums(single, summedCalibrationError(reference, 10), options);
  const [expected] = patientBootstrap(single, (w) => [expectedCalibrationError(reference, 10, w)], options);
  expect(walked).toEqual(expected);
});
