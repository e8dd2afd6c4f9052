import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { seededRandom, type Random } from 'seeded-random';
import {
  cpm,
  CPM_RATES,
  frocCurve,
  judgeMarks,
  makeFrocMarks,
  scanBootstrap,
  sensitivitiesAt,
  summarizeResamples,
  type Finding,
  type MarkedScan,
} from '../../services/validation/statistics';
import { describeWithPython } from '../present';

const REFERENCE = join(__dirname, 'reference', 'luna16_froc.py');

type Mark = readonly [x: number, y: number, z: number, probability: number];
type Place = readonly [x: number, y: number, z: number, diameter: number];

/** Diameters below 0 are of findings of which only a point is known. */
interface Scan {
  marks: Mark[];
  nodules: Place[];
  excluded: Place[];
}

interface Case {
  scans: Scan[];
  /** Scans of each resample, or how many resamples Python shall draw. */
  draws: number[][] | number;
}

interface Answer {
  counts: { hits: number; falsePositives: number; inExcluded: number; doubles: number; kept: number };
  truth: number[];
  probability: number[];
  curve: [rates: number[], sensitivities: number[]] | null;
  thresholds: number[];
  sensitivities: number[];
  cpm: number;
  band?: [mean: number, lower: number, upper: number][];
  band32?: [mean: number, lower: number, upper: number][];
  score?: [mean: number, lower: number, upper: number];
}

/** Resamples that each side draws for itself. */
const OWN_DRAWS = 1000;

/** Every 500th of the 10,000 rates of the challenge's file. */
const RATES = Array.from({ length: 20 }, (_, i) => (500 * i * (8 - 0.125)) / 9999 + 0.125);

describeWithPython(['numpy', 'sklearn'], "FROC beside the rules of LUNA16's evaluation, in Python", (python) => {
  const cases = [
    ...adversarialCases(),
    ...Array.from({ length: 60 }, (_, i) => randomCase(seededRandom(`froc ${i}`))),
    { ...detectorCase(seededRandom('detector')), draws: OWN_DRAWS },
  ];
  let answers: Answer[];

  beforeAll(() => {
    const input = JSON.stringify(cases);
    const { status, stdout, stderr } = spawnSync(python, [REFERENCE, 'cases'], {
      input,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    if (status !== 0) throw new Error(stderr);
    answers = JSON.parse(stdout) as Answer[];
  });

  test('the same marks are hits, false positives, ignored and dropped', () => {
    cases.forEach(({ scans }, i) => {
      const judged = scans.map((scan) => judgeMarks(markedScan(scan)));
      const total = (of: (one: (typeof judged)[number]) => number) => judged.reduce((sum, one) => sum + of(one), 0);
      expect({
        hits: total(({ hits }) => hits.filter((hit) => hit !== null).length),
        falsePositives: total(({ falsePositives }) => falsePositives.length),
        inExcluded: total(({ inExcluded }) => inExcluded),
        doubles: total(({ doubles }) => doubles),
        kept: scans.reduce((sum, { marks }) => sum + marks.length, 0) - total(({ dropped }) => dropped),
      }).toEqual(answers[i]!.counts);
    });
  });

  test('the curve has the same corners, and the sensitivities and the CPM are the same to 1e-12', () => {
    const compared = definedCases().map(({ scans, answer }) => {
      const marks = makeFrocMarks(scans.map(markedScan));
      const curve = frocCurve(marks);
      expect(curve.slice(1).map(({ threshold }) => threshold)).toEqual(answer.thresholds);
      expectClose(
        curve.map(({ falsePositivesPerScan }) => falsePositivesPerScan),
        answer.curve![0],
      );
      expectClose(
        curve.map(({ sensitivity }) => sensitivity),
        answer.curve![1],
      );
      const weights = new Uint32Array(scans.length).fill(1);
      expectClose([...sensitivitiesAt(marks, CPM_RATES, weights)], answer.sensitivities);
      expectClose([cpm(marks)], [answer.cpm]);
      return answer.cpm;
    });
    expect(compared.length).toBeGreaterThan(60);
    expect(new Set(compared).size).toBeGreaterThan(40);
  });

  test('of the same resamples the means and the bounds are the same to 1e-12, and to 1e-6 in the 32 bits of the script', () => {
    const compared = definedCases().filter(({ answer }) => answer.score);
    for (const { scans, draws, answer } of compared) {
      if (typeof draws === 'number') continue;
      const weights = draws.map((drawn) => {
        const times = new Uint32Array(scans.length);
        for (const scan of drawn) times[scan]!++;
        return times;
      });
      const found = summarizeResamples(makeFrocMarks(scans.map(markedScan)), RATES, weights, draws.length);
      const bounds = found.sensitivities.flatMap(({ mean, lower, upper }) => [mean, lower, upper]);
      expectClose(bounds, answer.band!.flat());
      expectClose(bounds, answer.band32!.flat(), 1e-6);
      expectClose([found.cpm.mean, found.cpm.lower, found.cpm.upper], answer.score!);
    }
    expect(compared.length).toBeGreaterThan(40);
  });

  test('of resamples that each draws for itself, the means and the bounds agree as those of two samples do', () => {
    const { scans, draws, answer } = definedCases().at(-1)!;
    expect(draws).toBe(OWN_DRAWS);
    const marks = makeFrocMarks(scans.map(markedScan));
    const { cpm: ours, sensitivities } = scanBootstrap(marks, RATES, { resamples: OWN_DRAWS, seed: 1 });
    const [mean, lower, upper] = answer.score!;
    const deviation = (upper - lower) / 4;
    expect(deviation).toBeGreaterThan(0.02);
    // Standard errors of the difference: of a mean √(2/B), of a 2.5 % quantile about 2.7 times that; five of them.
    const error = deviation * Math.sqrt(2 / OWN_DRAWS);
    expect(Math.abs(ours.mean - mean)).toBeLessThan(5 * error);
    for (const [our, their] of [
      [ours.lower, lower],
      [ours.upper, upper],
    ] as const) {
      expect(Math.abs(our - their)).toBeLessThan(5 * 2.7 * error);
    }
    sensitivities.forEach((one, i) => {
      expect(Math.abs(one.mean - answer.band![i]![0])).toBeLessThan(0.02);
    });
  });

  /** Where a nodule is hit: elsewhere the script's figures are not a number, and ours are 0. */
  function definedCases() {
    return cases.flatMap((one, i) => (answers[i]!.curve ? [{ ...one, answer: answers[i]! }] : []));
  }
});

function expectClose(ours: readonly number[], theirs: readonly number[], tolerance = 1e-12): void {
  expect(ours).toHaveLength(theirs.length);
  const worst = Math.max(...ours.map((value, i) => Math.abs(value - theirs[i]!)));
  expect(worst).toBeLessThanOrEqual(tolerance);
}

function markedScan({ marks, nodules, excluded }: Scan): MarkedScan {
  const finding = ([x, y, z, diameter]: Place): Finding => ({
    xyz: [x, y, z],
    diameterMm: diameter < 0 ? null : diameter,
  });
  return {
    places: Float64Array.from(marks.flatMap(([x, y, z]) => [x, y, z])),
    probabilities: Float64Array.from(marks, ([, , , probability]) => probability),
    nodules: nodules.map(finding),
    excluded: excluded.map(finding),
  };
}

/** Whole millimetres and few probabilities, so that marks lie on rims, findings overlap, and scores are tied. */
function randomCase(random: Random): Case {
  const scans = 1 + random.integer(20);
  const levels = [2, 5, 40, 1e6][random.integer(4)]!;
  const busy = random.uniform() < 0.3 ? 130 : 12;
  const place = () => [random.integer(12), random.integer(12), random.integer(6)] as const;
  const finding = (): Place => [...place(), [-1, 0, 2, 4, 6, 10][random.integer(6)]!];
  const several = <T>(most: number, make: () => T) => Array.from({ length: random.integer(most + 1) }, make);
  const scan = (): Scan => ({
    marks: several(busy, () => [...place(), random.integer(levels) / levels - (levels === 40 ? 0.5 : 0)]),
    nodules: several(3, finding),
    excluded: several(4, finding),
  });
  return { scans: Array.from({ length: scans }, scan), draws: drawsOf(scans, random) };
}

/** Forty scans with nodules far apart, most of them found. */
function detectorCase(random: Random): Case {
  const scan = (): Scan => {
    const nodules = Array.from({ length: 1 + random.integer(3) }, (_, i): Place => [100 * i, 0, 0, 8]);
    const found = nodules.filter(() => random.uniform() < 0.85);
    const hits = found.map(([x]): Mark => [x, 1, 0, 0.2 + 0.8 * random.uniform()]);
    const astray = Array.from({ length: 15 }, (_, i): Mark => [0, 50 + 10 * i, 0, random.uniform() ** 3]);
    return { marks: [...hits, ...astray], nodules, excluded: [] };
  };
  return { scans: Array.from({ length: 40 }, scan), draws: [] };
}

function drawsOf(scans: number, random: Random): number[][] {
  return Array.from({ length: 25 }, () => Array.from({ length: scans }, () => random.integer(scans)));
}

function adversarialCases(): Case[] {
  const nodule: Place = [0, 0, 0, 10];
  const scan = (marks: Mark[], nodules: Place[] = [nodule], excluded: Place[] = []): Scan => ({
    marks,
    nodules,
    excluded,
  });
  const far = (n: number, probability: (i: number) => number): Mark[] =>
    Array.from({ length: n }, (_, i): Mark => [90, 0, i, probability(i)]);
  const hit = (probability: number): Mark => [0, 0, 0, probability];
  const without = (...scans: Scan[]): Case => ({ scans, draws: [] });
  // Rates that fall on 1/8 exactly or beside it by the last bit, at which the curve jumps.
  const jumps = Array.from({ length: 30 }, (_, extra) =>
    without(
      scan([...far(2, () => 0.9), hit(0.8), ...far(2 + extra, () => 0.5)]),
      ...Array.from({ length: 15 }, () => scan(far(extra % 4, (i) => 0.1 * i))),
    ),
  );
  return [
    without(scan([])),
    without(
      scan(
        far(3, () => 0.5),
        [],
      ),
    ),
    without(scan(far(3, () => 0.5))),
    without(scan([hit(0.5)])),
    without(scan([hit(0.5), hit(0.5), hit(0.5)])),
    without(scan([hit(0.5), ...far(4, () => 0.5)]), scan([hit(0.5), ...far(4, () => 0.5)])),
    without(scan([hit(-3), ...far(4, (i) => -4 + i)]), scan([])),
    without(scan([hit(1e300), ...far(4, (i) => 1e299 * i), hit(-1e300)])),
    without(scan([...far(100, (i) => i / 100), hit(0.001)])),
    without(scan([...far(99, (i) => i / 100), hit(0), hit(0)])),
    without(scan([...far(150, () => 0.5), hit(0.6)])),
    without(scan([...far(150, () => 0.5), hit(0.5)])),
    without(scan([[3, 4, 0, 0.7], hit(0.2), [0, 4.999999999, 0, 0.6]])),
    without(scan([hit(0.4), [2, 0, 0, 0.9]], [nodule, [2, 0, 0, 10]], [nodule])),
    without(scan([hit(0.4), [2, 0, 0, 0.9]], [[2, 0, 0, 2]], [nodule, nodule])),
    without(scan([hit(0.4), [4.9, 0, 0, 0.9]], [[0, 0, 0, -1]], [[50, 0, 0, 0]])),
    ...jumps,
  ];
}
