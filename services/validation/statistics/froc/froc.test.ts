import fc from 'fast-check';
import {
  cpm,
  CPM_RATES,
  frocCurve,
  judgeMarks,
  makeFrocMarks,
  scanBootstrap,
  sensitivitiesAt,
  type Finding,
  type FrocMarks,
  type MarkedScan,
} from '.';
import { orderStatistic } from './order-statistic';

type Mark = readonly [x: number, y: number, z: number, probability: number];

function scanOf(
  marks: readonly Mark[],
  nodules: readonly Finding[] = [],
  excluded: readonly Finding[] = [],
): MarkedScan {
  return {
    places: Float64Array.from(marks.flatMap(([x, y, z]) => [x, y, z])),
    probabilities: Float64Array.from(marks, ([, , , probability]) => probability),
    nodules,
    excluded,
  };
}

const nodule = (x: number, diameterMm: number | null = 10): Finding => ({ xyz: [x, 0, 0], diameterMm });

test('a mark on the rim of a nodule is outside, one just within is a hit', () => {
  expect(judgeMarks(scanOf([[3, 4, 0, 0.5]], [nodule(0)]))).toMatchObject({ hits: [null] });
  expect(judgeMarks(scanOf([[3, 3.999, 0, 0.5]], [nodule(0)]))).toMatchObject({ hits: [0.5] });
});

test('of several marks in a nodule the best is its hit, and the others are no false positives', () => {
  const judged = judgeMarks(
    scanOf(
      [
        [0, 0, 0, 0.2],
        [1, 0, 0, 0.9],
        [50, 0, 0, 0.4],
      ],
      [nodule(0)],
    ),
  );
  expect(judged).toEqual({ hits: [0.9], falsePositives: Uint32Array.of(2), dropped: 0, inExcluded: 0, doubles: 1 });
});

test('one mark may hit two nodules that overlap', () => {
  expect(judgeMarks(scanOf([[2, 0, 0, 0.7]], [nodule(0), nodule(4)]))).toMatchObject({ hits: [0.7, 0.7], doubles: 0 });
});

test('a mark in an excluded finding counts neither way, but in a nodule it stays a hit', () => {
  const judged = judgeMarks(
    scanOf(
      [
        [0, 0, 0, 0.5],
        [30, 0, 0, 0.5],
      ],
      [nodule(0)],
      [nodule(2), nodule(30)],
    ),
  );
  expect(judged).toMatchObject({ hits: [0.5], falsePositives: Uint32Array.of(), inExcluded: 1 });
});

test('a finding of which only a point is known is 10 mm wide', () => {
  const at = (x: number) => judgeMarks(scanOf([[x, 0, 0, 0.5]], [], [nodule(0, null)])).inExcluded;
  expect([at(4.99), at(5)]).toEqual([1, 0]);
});

test('of more than a hundred marks those above the 101st stay: a tie at the border drops all that are tied', () => {
  const far = (probability: number): Mark => [1000, 0, 0, probability];
  const falling = Array.from({ length: 101 }, (_, i) => far(1 - i / 1000));
  expect(judgeMarks(scanOf(falling))).toMatchObject({ dropped: 1 });
  const tied = falling.map((mark, i): Mark => (i >= 98 ? far(0.5) : mark));
  expect(judgeMarks(scanOf(tied))).toMatchObject({ dropped: 3 });
  expect(judgeMarks(scanOf(tied.slice(0, 100)))).toMatchObject({ dropped: 0 });
  expect(judgeMarks(scanOf(falling.map(() => far(0.5))))).toMatchObject({ dropped: 101 });
});

test('missed nodules and scans without a mark stay in the denominators', () => {
  const marks = makeFrocMarks([
    scanOf(
      [
        [0, 0, 0, 0.9],
        [50, 0, 0, 0.8],
      ],
      [nodule(0), nodule(100)],
    ),
    scanOf([], [nodule(0), nodule(100)]),
  ]);
  expect(frocCurve(marks)).toEqual([
    { threshold: Infinity, falsePositivesPerScan: 0, sensitivity: 0 },
    { threshold: 0.9, falsePositivesPerScan: 0, sensitivity: 0.25 },
    { threshold: 0.8, falsePositivesPerScan: 0.5, sensitivity: 0.25 },
  ]);
  expect(cpm(marks)).toBeCloseTo(0.25, 12);
});

test('a detector that marks nothing finds nothing, and one without false positives is as good at every rate', () => {
  expect(cpm(makeFrocMarks([scanOf([], [nodule(0)])]))).toBe(0);
  expect(cpm(makeFrocMarks([scanOf([[0, 0, 0, 0.1]], [nodule(0), nodule(90)])]))).toBe(0.5);
});

test('no nodule at all is refused, and so is a score that is not a number', () => {
  expect(() => makeFrocMarks([scanOf([[0, 0, 0, 1]])])).toThrow(/no nodule/);
  expect(() => makeFrocMarks([scanOf([[0, 0, 0, NaN]], [nodule(0)])])).toThrow(/has the score NaN/);
});

test('an order statistic is the value at its place among the sorted', () => {
  const values = fc.oneof(
    fc.array(fc.double({ noNaN: true }), { minLength: 1 }),
    fc.array(fc.nat(3), { minLength: 1, maxLength: 60 }),
  );
  fc.assert(
    fc.property(values, fc.nat(), (numbers, seed) => {
      const place = seed % numbers.length;
      // Not toBe: 0 and -0 are equal here.
      expect(orderStatistic(Float64Array.from(numbers), place) === numbers.toSorted((a, b) => a - b)[place]).toBe(true);
    }),
  );
});

/** Nodules at multiples of 100 along x, marks on or near them and astray, with many ties. */
const scans = fc.array(
  fc.record({
    nodules: fc.nat(3),
    marks: fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 0, max: 12 })), { maxLength: 12 }),
  }),
  { minLength: 2, maxLength: 8 },
);

function build(
  all: readonly { nodules: number; marks: [number, number][] }[],
  map = (probability: number) => probability,
) {
  const built = all.map(({ nodules, marks }) =>
    scanOf(
      marks.map(([place, probability]): Mark => [place * 100 + (probability % 3), 0, 0, map(probability)]),
      Array.from({ length: nodules }, (_, i) => nodule(i * 100)),
    ),
  );
  return makeFrocMarks([...built, scanOf([], [nodule(0)])]);
}

test('FROC does not change under a rising map of the scores or another order of the scans', () => {
  fc.assert(
    fc.property(scans, (all) => {
      const places = (marks: FrocMarks) =>
        frocCurve(marks).map(({ falsePositivesPerScan, sensitivity }) => [falsePositivesPerScan, sensitivity]);
      const ours = places(build(all));
      const mapped = places(build(all, (p) => Math.exp(p / 3) - 5));
      expect(mapped).toEqual(ours);
      expect(cpm(build(all.toReversed()))).toBeCloseTo(cpm(build(all)), 12);
    }),
  );
});

test('the sensitivity never falls with the rate of false positives, and stays in [0, 1]', () => {
  const rates = Array.from({ length: 40 }, (_, i) => (i + 1) / 5);
  fc.assert(
    fc.property(scans, (all) => {
      const marks = build(all);
      const found = [0, ...sensitivitiesAt(marks, rates, new Uint32Array(marks.scans).fill(1)), 1];
      expect(found).toEqual(found.toSorted((a, b) => a - b));
    }),
  );
});

test('a scan that counts twice is the same as the scan given twice', () => {
  fc.assert(
    fc.property(scans, fc.array(fc.nat(2), { minLength: 9, maxLength: 9 }), (all, times) => {
      const weights = Uint32Array.from([...all.map((_, i) => times[i]!), 1]);
      const repeated = all.flatMap((scan, i) => Array.from({ length: times[i]! }, () => scan));
      expect(cpm(build(all), weights)).toBeCloseTo(cpm(build(repeated)), 12);
    }),
  );
});

test('the same seed gives the same interval, and resamples without a nodule are left out', () => {
  const marked = Array.from({ length: 30 }, (_, i) => ({ nodules: i % 10 === 0 ? 2 : 0, marks: [[i % 3, i % 7]] }));
  const marks = build(marked as { nodules: number; marks: [number, number][] }[]);
  const [first, again, other] = [1, 1, 2].map((seed) => scanBootstrap(marks, CPM_RATES, { resamples: 300, seed }));
  expect(first).toEqual(again);
  expect(first).not.toEqual(other);
  expect(first!.usable).toBeLessThan(300);
  expect(first!.cpm.lower).toBeLessThan(cpm(marks));
  expect(first!.cpm.upper).toBeGreaterThan(cpm(marks));
});
