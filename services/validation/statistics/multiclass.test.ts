import fc from 'fast-check';
import { unitWeights } from './cases';
import { codeOf } from './made-cases';
import {
  classBrierScore,
  classConfusion,
  classPairs,
  handTillAuc,
  logLoss,
  makeClassCases,
  oneVersusRest,
  oneVersusRestAucs,
  quadraticKappa,
  type ClassCases,
} from './multiclass';

/** Three classes, each with a case; probabilities in eighths, so that ties are common. */
const threeClasses = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 })), {
    maxLength: 30,
  })
  .map((rows) => [...rows, [0, 4, 2], [1, 4, 2], [2, 1, 6]] as const)
  .map((rows) =>
    makeClassCases(
      rows.map(([label]) => label),
      rows.map(([, a, b]) => [Math.min(a, 8) / 8, Math.min(b, 8 - a) / 8, (8 - a - Math.min(b, 8 - a)) / 8]),
      3,
    ),
  );
const once = ({ labels }: ClassCases) => new Uint32Array(labels.length).fill(1);

test('of two classes Hand and Till’s M is the AUC', () => {
  const cases = makeClassCases(
    [0, 1, 1, 0],
    [0.2, 0.9, 0.4, 0.4].map((p) => [1 - p, p]),
    2,
  );
  const [, positive] = oneVersusRest(cases);
  const [, auc] = oneVersusRestAucs([positive!, positive!], unitWeights(positive!));
  expect(handTillAuc(classPairs(cases), once(cases))).toBeCloseTo(auc!, 12);
});

test('weights count a case as often as copies of it would', () => {
  fc.assert(
    fc.property(
      threeClasses,
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 33, maxLength: 33 }),
      (cases, n) => {
        const weights = Uint32Array.from(cases.labels, (_, i) => n[i]!);
        const copies = [...cases.labels.keys()].flatMap((i) => new Array<number>(n[i]!).fill(i));
        const copied = makeClassCases(
          copies.map((i) => cases.labels[i]!),
          copies.map((i) => cases.probabilities.subarray(3 * i, 3 * i + 3)),
          3,
        );
        expect(handTillAuc(classPairs(cases), weights)).toBeCloseTo(handTillAuc(classPairs(copied), once(copied)), 12);
        expect(classBrierScore(cases, weights)).toBeCloseTo(classBrierScore(copied, once(copied)), 12);
        expect(logLoss(cases, weights)).toBeCloseTo(logLoss(copied, once(copied)), 12);
        expect(classConfusion(cases, weights)).toEqual(classConfusion(copied));
      },
    ),
  );
});

test('kappa is 1 when every call is right, and −1 when two classes are swapped', () => {
  expect(
    quadraticKappa([
      [3, 0, 0],
      [0, 2, 0],
      [0, 0, 4],
    ]),
  ).toBe(1);
  expect(
    quadraticKappa([
      [0, 5],
      [5, 0],
    ]),
  ).toBe(-1);
  expect(
    quadraticKappa([
      [5, 0],
      [0, 0],
    ]),
  ).toBeNaN();
});

test.each([
  ['VALIDATION_CLASS_UNKNOWN', [3], [[0.2, 0.3, 0.5]]],
  ['VALIDATION_CLASSES_NOT_ONE', [0], [[0.2, 0.3, 0.4]]],
  ['VALIDATION_CLASSES_NOT_ONE', [0], [[0.5, 0.5]]],
  ['VALIDATION_SCORE_NOT_FINITE', [0], [[NaN, 0.5, 0.5]]],
  ['VALIDATION_SCORE_NOT_PROBABILITY', [0], [[-0.5, 1, 0.5]]],
  ['VALIDATION_LENGTHS_DIFFER', [0, 1], [[0.2, 0.3, 0.5]]],
])('%s is raised by name', (code, labels, probabilities) => {
  expect(codeOf(() => makeClassCases(labels, probabilities, 3))).toBe(code);
});
