import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { seededRandom } from 'seeded-random';
import { makeCases, mcnemarP, pairedDelong } from '../../services/validation/statistics';
import { twoSidedP } from '../../services/validation/statistics/paired/normal';
import { describeWithPython, repoRoot } from '../present';

interface PairedScores {
  labels: number[];
  first: number[];
  second: number[];
}

/** Two models that often agree, with `levels` distinct scores, so that ties run from nearly none to nearly all. */
function drawScores(seed: number, n: number, levels: number): PairedScores {
  const random = seededRandom(seed);
  const labels = Array.from({ length: n }, (_, i) => (i < 2 ? i : Number(random.uniform() < 0.3)));
  const coarse = (value: number) => Math.round(value * levels) / levels;
  const common = labels.map((label) => 0.3 * label + 0.4 * random.uniform());
  const model = () => common.map((value) => coarse(value + 0.3 * random.uniform()));
  return { labels, first: model(), second: model() };
}

const RANDOM = Array.from({ length: 60 }, (_, i) => drawScores(i, 4 + 7 * i, [1, 3, 10, 100, 1e9][i % 5]!));
const ADVERSARIAL: PairedScores[] = [
  { labels: [1, 0], first: [0.9, 0.1], second: [0.1, 0.9] },
  { labels: [1, 0, 0, 0], first: [0.5, 0.5, 0.2, 0.9], second: [0.5, 0.5, 0.5, 0.5] },
  { labels: [1, 1, 1, 0], first: [1, 1, 0, 0], second: [0, 1, 1, 1] },
  { labels: [0, 0, 1, 1], first: [-1e300, 0, 0, 1e300], second: [0, 1e-300, 1e-300, 2e-300] },
  { labels: [1, 0, 1, 0, 1, 0], first: [0.3, 0.3, 0.3, 0.3, 0.3, 0.3], second: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] },
];
const DISCORDANT = [0, 1, 2, 5, 11, 12, 13, 24, 25, 26, 60, 400].flatMap((b) =>
  [0, 1, 3, 12, 13, 25, 399].map((c) => [b, c] as const),
);
const Z = [0, 1e-9, 0.1, 1, 1.96, 2.8, 2.83, 3, 5, 8, 20, 37];

describeWithPython(['numpy', 'scipy'], 'beside the definitions in numpy and scipy,', (python) => {
  let expected: {
    delong: Record<'difference' | 'variance' | 'lower' | 'upper' | 'p', number>[];
    mcnemar: number[];
    normal: number[];
  };
  beforeAll(() => {
    const input = JSON.stringify({ delong: [...RANDOM, ...ADVERSARIAL], mcnemar: DISCORDANT, normal: Z });
    const script = join(repoRoot, 'tests/validation/reference/paired.py');
    const ran = spawnSync(python, [script], { input, encoding: 'utf8', maxBuffer: 2 ** 26 });
    if (ran.status !== 0) throw new Error(ran.stderr);
    expected = JSON.parse(ran.stdout) as typeof expected;
  });

  test('paired DeLong is the same to 1e-9, with ties from none to all and with classes of one case', () => {
    [...RANDOM, ...ADVERSARIAL].forEach(({ labels, first, second }, i) => {
      const found = pairedDelong(makeCases(labels, first), makeCases(labels, second));
      const { difference, variance, lower, upper, p } = expected.delong[i]!;
      expect(found.difference).toBeCloseTo(difference, 10);
      expect(found.variance).toBeCloseTo(variance, 10);
      expect(found.lower).toBeCloseTo(lower, 9);
      expect(found.upper).toBeCloseTo(upper, 9);
      // Where every component is the same there is no z: ours says at once whether they differ.
      if (found.variance > 1e-20) expect(found.p).toBeCloseTo(p, 9);
      else expect(found.p).toBe(Math.abs(found.difference) < 1e-12 ? 1 : 0);
    });
  });

  test('McNemar is the same to 1e-12, exact below 25 discordant pairs and corrected from there', () => {
    DISCORDANT.forEach(([b, c], i) => {
      expect(mcnemarP(b, c)).toBeCloseTo(expected.mcnemar[i]!, 12);
    });
  });

  test('the tail of the normal distribution keeps its digits far out', () => {
    Z.forEach((z, i) => {
      expect(twoSidedP(z) / expected.normal[i]!).toBeCloseTo(1, 12);
      expect(twoSidedP(-z)).toBe(twoSidedP(z));
    });
  });
});
