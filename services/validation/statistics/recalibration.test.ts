import fc from 'fast-check';
import { makeCases } from './cases';
import { bothClasses, codeOf } from './made-cases';
import { calibrationIntercept, calibrationSlope, logitsOf } from './recalibration';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** One positive in four at 0.25, three in four at 0.75: calibrated to the last digit. */
const labels = [1, 0, 0, 0, 1, 1, 1, 0];
const perfect = [0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75, 0.75];
const stretched = (by: number, shift = 0) =>
  logitsOf(
    makeCases(
      labels,
      perfect.map((p) => sigmoid(by * Math.log(p / (1 - p)) + shift)),
    ),
  );

test('calibrated scores have slope 1 and intercept 0', () => {
  expect(calibrationSlope(stretched(1))).toBeCloseTo(1, 10);
  expect(calibrationIntercept(stretched(1))).toBeCloseTo(0, 10);
});

test('logits that are twice too large have slope one half, and a shift of them is the intercept', () => {
  expect(calibrationSlope(stretched(2))).toBeCloseTo(0.5, 10);
  expect(calibrationSlope(stretched(0.1, -3))).toBeCloseTo(10, 8);
  expect(calibrationIntercept(stretched(1, -1.5))).toBeCloseTo(1.5, 10);
});

test('at the intercept the scores add up to the positives', () => {
  fc.assert(
    fc.property(bothClasses, (cases) => {
      const logits = logitsOf(cases);
      const intercept = calibrationIntercept(logits);
      const expected = logits.logits.reduce((sum, x) => sum + sigmoid(intercept + x), 0);
      expect(expected).toBeCloseTo(cases.positives, 8);
    }),
  );
});

test('opposite labels turn the slope over', () => {
  fc.assert(
    fc.property(bothClasses, (cases) => {
      const slope = calibrationSlope(logitsOf(cases));
      const opposite = calibrationSlope(
        logitsOf(
          makeCases(
            cases.labels.map((label) => 1 - label),
            cases.scores,
          ),
        ),
      );
      if (Number.isFinite(slope)) expect(opposite).toBeCloseTo(-slope, 7);
      else expect(opposite).toBe(-slope);
    }),
  );
});

test('scores that separate the classes have no finite slope, equal ones none at all', () => {
  expect(calibrationSlope(logitsOf(makeCases([1, 0, 0], [0.9, 0.2, 0.1])))).toBe(Infinity);
  expect(calibrationSlope(logitsOf(makeCases([1, 0, 0], [0.2, 0.2, 0.1])))).toBe(Infinity);
  expect(calibrationSlope(logitsOf(makeCases([0, 1, 1], [0.9, 0.2, 0.1])))).toBe(-Infinity);
  expect(calibrationSlope(logitsOf(makeCases([0, 1, 1], [0.3, 0.3, 0.3])))).toBeNaN();
});

test('scores of 0 and 1 are held at what FP32 can tell from certain', () => {
  const slope = calibrationSlope(logitsOf(makeCases([1, 0, 1, 0], [1, 0, 0, 1])));
  expect(slope).toBeCloseTo(0, 10);
});

test('a class that lacks is refused by name', () => {
  expect(codeOf(() => logitsOf(makeCases([1, 1], [0.4, 0.5])))).toBe('VALIDATION_NO_NEGATIVES');
});
