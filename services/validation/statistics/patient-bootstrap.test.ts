import { makeCases, type Cases } from './cases';
import { delongAuc } from './delong';
import { codeOf, labels, reference, scores } from './made-cases';
import { patientBootstrap, patientBootstrapWhereDefined } from './patient-bootstrap';
import { auc } from './roc';

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
