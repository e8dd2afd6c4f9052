import fc from 'fast-check';
import { makeCases } from './cases';
import { bothClasses, codeOf } from './made-cases';
import { calibrationIntercept, calibrationSlope } from './recalibration';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const each = Array.from({ length: 100 }, (_, i) => i);

/** One positive in four at 0.25, three in four at 0.75: calibrated to the last digit. */
const labels = [1, 0, 0, 0, 1, 1, 1, 0];
const perfect = [0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75, 0.75];
const stretched = (by: number, shift = 0) =>
  makeCases(
    labels,
    perfect.map((p) => sigmoid(by * Math.log(p / (1 - p)) + shift)),
  );

test('calibrated scores have slope 1 and intercept 0', () => {
  expect(calibrationSlope(stretched(1), each).value).toBeCloseTo(1, 10);
  expect(calibrationIntercept(stretched(1), each).value).toBeCloseTo(0, 10);
});

test('logits that are twice too large have slope one half, and a shift of them is the intercept', () => {
  expect(calibrationSlope(stretched(2), each).value).toBeCloseTo(0.5, 10);
  expect(calibrationSlope(stretched(0.1, -3), each).value).toBeCloseTo(10, 8);
  expect(calibrationIntercept(stretched(1, -1.5), each).value).toBeCloseTo(1.5, 10);
});

test('at the intercept the scores add up to the positives', () => {
  fc.assert(
    fc.property(bothClasses, (cases) => {
      const { value } = calibrationIntercept(cases, each);
      const expected = cases.scores.reduce((sum, score) => {
        const p = Math.min(1 - 1e-7, Math.max(1e-7, score));
        return sum + sigmoid(value + Math.log(p / (1 - p)));
      }, 0);
      expect(expected).toBeCloseTo(cases.positives, 8);
    }),
  );
});

test('opposite labels turn the slope and its interval over', () => {
  fc.assert(
    fc.property(bothClasses, (cases) => {
      const relabelled = makeCases(
        cases.labels.map((label) => 1 - label),
        cases.scores,
      );
      const { value, interval } = calibrationSlope(cases, each);
      const opposite = calibrationSlope(relabelled, each);
      if (!Number.isFinite(value)) {
        expect(opposite).toEqual({ value: -value, interval: null });
        return;
      }
      expect(opposite.value).toBeCloseTo(-value, 7);
      expect(opposite.interval!.upper).toBeCloseTo(-interval!.lower, 6);
    }),
  );
});

test('cases that repeat within a patient do not narrow the interval', () => {
  const once = stretched(1);
  const thrice = makeCases([...labels, ...labels, ...labels], [...once.scores, ...once.scores, ...once.scores]);
  const patients = [0, 1, 2, 3, 4, 5, 6, 7];
  const [narrow, wide] = [
    calibrationSlope(once, patients),
    calibrationSlope(thrice, [...patients, ...patients, ...patients]),
  ];
  expect(wide.interval!.lower).toBeCloseTo(narrow.interval!.lower, 9);
  expect(wide.interval!.upper).toBeCloseTo(narrow.interval!.upper, 9);
});

test('cases of one patient alone have no interval', () => {
  expect(calibrationSlope(stretched(1), new Array<number>(8).fill(0)).interval).toBeNull();
});

test('scores that separate the classes have no finite slope, equal ones none at all', () => {
  const slope = (classes: number[], scores: number[]) => calibrationSlope(makeCases(classes, scores), each).value;
  expect(slope([1, 0, 0], [0.9, 0.2, 0.1])).toBe(Infinity);
  expect(slope([1, 0, 0], [0.2, 0.2, 0.1])).toBe(Infinity);
  expect(slope([0, 1, 1], [0.9, 0.2, 0.1])).toBe(-Infinity);
  expect(slope([0, 1, 1], [0.3, 0.3, 0.3])).toBeNaN();
});

test('scores of 0 and 1 are held at what FP32 can tell from certain', () => {
  expect(calibrationSlope(makeCases([1, 0, 1, 0], [1, 0, 0, 1]), each).value).toBeCloseTo(0, 10);
});

test('a class that lacks is refused by name', () => {
  expect(codeOf(() => calibrationSlope(makeCases([1, 1], [0.4, 0.5]), each))).toBe('VALIDATION_NO_NEGATIVES');
});
