import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { seededRandom } from 'seeded-random';
import {
  auc,
  averagePrecision,
  balancedAccuracy,
  brierParts,
  brierScore,
  calibrationIntercept,
  calibrationSlope,
  confusionAt,
  delongAuc,
  equalMassBins,
  equalMassCalibrationError,
  expectedCalibrationError,
  f1Score,
  makeCases,
  matthewsCorrelation,
  netBenefit,
  partialAuc,
  precisionRecallCurve,
  reliabilityBins,
  rocCurve,
  wilsonInterval,
  type Cases,
  type ReliabilityBin,
} from '../../services/validation/statistics';
import { describeWithPython, repoRoot } from '../present';

const THRESHOLDS = [-1, 0, 0.25, 0.5, 0.75, 1, 2];
const BINS = [2, 5, 10, 15];
const RATES = [0.05, 0.1, 0.25, 0.5, 0.999];
const PROBABILITIES = [0.01, 0.1, 0.2, 0.5, 0.9];

interface Sample {
  name: string;
  labels: number[];
  scores: number[];
}

/** Scores of `n` cases; a `grid` makes ties, `prevalence` may leave a class all but empty, `skill` of 0 is chance. */
function sample(seed: number, setting: { n: number; prevalence: number; skill: number; grid?: number }): Sample {
  const random = seededRandom(seed);
  const { n, prevalence, skill, grid } = setting;
  const labels = Array.from({ length: n }, (_, i) =>
    i === 0 ? 1 : i === 1 ? 0 : Number(random.uniform() < prevalence),
  );
  const scores = labels.map((label) => {
    const score = 1 / (1 + Math.exp(-(random.normal() * 1.5 + skill * (label - 0.5))));
    return grid ? Math.round(score * grid) / grid : score;
  });
  return { name: `random ${seed}: ${JSON.stringify(setting)}`, labels, scores };
}

const samples: Sample[] = [
  ...Array.from({ length: 12 }, (_, i) => sample(i, { n: 20 + 31 * i, prevalence: 0.4, skill: i / 3 })),
  ...Array.from({ length: 12 }, (_, i) => sample(100 + i, { n: 200, prevalence: 0.3, skill: 1, grid: 2 + 3 * i })),
  sample(200, { n: 3000, prevalence: 0.01, skill: 3 }),
  sample(201, { n: 3000, prevalence: 0.99, skill: 2, grid: 100 }),
  { name: 'all scores equal', labels: [1, 0, 0, 1, 0], scores: [0.3, 0.3, 0.3, 0.3, 0.3] },
  { name: 'only the scores 0 and 1', labels: [1, 0, 0, 1, 1, 0], scores: [1, 0, 1, 0, 1, 0] },
  { name: 'one case of each class', labels: [1, 0], scores: [0.7, 0.2] },
  { name: 'the wrong way round', labels: [1, 0], scores: [0.2, 0.7] },
  { name: 'complete separation', labels: [1, 1, 0, 0], scores: [0.9, 0.8, 0.2, 0.1] },
  { name: 'separation but for a tie', labels: [1, 1, 0, 0], scores: [0.9, 0.5, 0.5, 0.1] },
  { name: 'one positive', labels: [0, 0, 1, 0, 0], scores: [0.1, 0.9, 0.5, 0.4, 0.5] },
  { name: 'neighbouring doubles', labels: [1, 0, 1, 0], scores: [0.5, 0.5 + 2 ** -53, 0.5 - 2 ** -54, 0.5] },
  { name: 'logits, not probabilities', labels: [1, 0, 1, 0, 1], scores: [-700, 3.5, 1e300, -1e300, 3.5] },
  { name: 'no negative', labels: [1, 1, 1], scores: [0.2, 0.9, 0.9] },
  { name: 'no positive', labels: [0, 0, 0], scores: [0.2, 0.9, 0.9] },
  { name: 'a single case', labels: [1], scores: [0.6] },
];

describeWithPython(['sklearn', 'scipy'], 'the statistics equal scikit-learn and scipy to 1e-9', (python) => {
  let answers: object[];

  beforeAll(() => {
    const binary = samples.map(({ labels, scores }) => ({
      labels,
      scores,
      clusters: clustersOf(labels),
      thresholds: THRESHOLDS,
      bins: BINS,
      rates: RATES,
      probabilities: PROBABILITIES,
    }));
    answers = ask(python, { binary })['binary']!;
  });

  test.each(samples.map(({ name }, i) => [name, i] as const))('%s', (_, i) => {
    const { labels, scores } = samples[i]!;
    const expected = answers[i]!;
    near(figuresOf(makeCases(labels, scores), expected), expected);
  });
});

/** Nine patients, or as many as there are cases. */
function clustersOf(labels: ArrayLike<number>): number[] {
  return Array.from(labels, (_, i) => (i * i) % 9);
}

/** Everything that the reference answered, from our own functions. */
function figuresOf(cases: Cases, expected: object): Record<string, unknown> {
  const parts: Record<string, () => unknown> = {
    at: () => THRESHOLDS.map((threshold) => thresholdFigures(cases, threshold)),
    uniform: () => BINS.map((bins) => curve(reliabilityBins(cases, bins), expectedCalibrationError(cases, bins))),
    quantile: () => BINS.map((bins) => curve(equalMassBins(cases, bins), equalMassCalibrationError(cases, bins))),
    brier: () => brierScore(cases),
    brierParts: () => BINS.map((bins) => brierParts(cases, bins)),
    netBenefit: () => netBenefit(cases, PROBABILITIES),
    averagePrecision: () => averagePrecision(cases),
    precisionRecall: () => precisionRecallCurve(cases).map(({ recall, precision }) => [recall, precision]),
    auc: () => auc(cases),
    mannWhitney: () => auc(cases),
    partialAuc: () => RATES.map((rate) => partialAuc(cases, rate)),
    delong: () => delongAuc(cases),
    roc: () => {
      const points = rocCurve(cases);
      return [
        points.map((point) => point.falsePositiveRate),
        points.map((point) => point.truePositiveRate),
        points.map((point) => point.threshold),
      ];
    },
    recalibration: () => {
      const clusters = clustersOf(cases.labels);
      return { intercept: calibrationIntercept(cases, clusters), slope: calibrationSlope(cases, clusters) };
    },
  };
  return Object.fromEntries(Object.keys(expected).map((key) => [key, parts[key]!()]));
}

function thresholdFigures(cases: Cases, threshold: number) {
  const confusion = confusionAt(cases, threshold);
  const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = confusion;
  return {
    confusion: [tp, fp, tn, fn],
    f1: f1Score(confusion),
    mcc: matthewsCorrelation(confusion),
    balancedAccuracy: balancedAccuracy(confusion),
    ppv: tp / (tp + fp),
    sensitivity: tp + fn > 0 ? wilsonInterval(tp, tp + fn) : null,
  };
}

/** scikit-learn leaves empty bins out. */
function curve(bins: ReliabilityBin[], error: number) {
  const filled = bins.filter(({ n }) => n > 0);
  return {
    sizes: filled.map(({ n }) => n),
    observed: filled.map(({ observed }) => observed),
    predicted: filled.map(({ predicted }) => predicted),
    error,
  };
}

function ask(python: string, question: object): Record<string, object[]> {
  const script = join(repoRoot, 'tests', 'validation', 'reference', 'statistics.py');
  const { status, stdout, stderr } = spawnSync(python, [script], {
    input: JSON.stringify(question),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, object[]>;
}

/** The same to 1e-9 of the larger of the value and 1; null stands for all that is not finite. */
function near(found: unknown, expected: unknown, path = ''): void {
  if (typeof expected === 'number') {
    const distance = Math.abs(Number(found) - expected) / Math.max(1, Math.abs(expected));
    if (!(distance <= 1e-9)) throw new Error(`${path}: ${String(found)}, the reference says ${expected}`);
  } else if (expected === null) {
    if (found !== null && Number.isFinite(found))
      throw new Error(`${path}: ${Number(found)}, the reference says it is not defined`);
  } else if (Array.isArray(expected)) {
    expect({ path, length: (found as unknown[]).length }).toEqual({ path, length: expected.length });
    expected.forEach((value, i) => {
      near((found as unknown[])[i], value, `${path}[${i}]`);
    });
  } else {
    for (const [key, value] of Object.entries(expected as object)) {
      near((found as Record<string, unknown>)[key], value, `${path}.${key}`);
    }
  }
}
