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
  classBrierScore,
  classConfusion,
  classPairs,
  confusionAt,
  delongAuc,
  equalMassBins,
  equalMassCalibrationError,
  expectedCalibrationError,
  f1Score,
  handTillAuc,
  logLoss,
  makeCases,
  makeClassCases,
  matthewsCorrelation,
  netBenefit,
  oneVersusRest,
  oneVersusRestAucs,
  partialAuc,
  precisionRecallCurve,
  quadraticKappa,
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

interface Answers {
  binary: object[];
  multiclass: object[];
}

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

/** Nine patients, or as many as there are cases. */
function clustersOf(labels: ArrayLike<number>): number[] {
  return Array.from(labels, (_, i) => (i * i) % 9);
}

interface ClassSample {
  name: string;
  labels: number[];
  probabilities: number[][];
}

function classSample(seed: number, n: number, classes: number, grid?: number): ClassSample {
  const random = seededRandom(seed);
  const labels = Array.from({ length: n }, (_, i) => (i < classes ? i : random.integer(classes)));
  const probabilities = labels.map((label) => {
    const weights = Array.from({ length: classes }, (_, k) => Math.exp(random.normal() + Number(k === label)));
    const total = weights.reduce((a, b) => a + b, 0);
    if (!grid) return weights.map((weight) => weight / total);
    const rounded = weights.map((weight) => Math.floor((grid * weight) / total));
    rounded[0]! += grid - rounded.reduce((a, b) => a + b, 0);
    return rounded.map((count) => count / grid);
  });
  return {
    name: `random ${seed}: ${n} cases of ${classes} classes${grid ? `, in ${grid}ths` : ''}`,
    labels,
    probabilities,
  };
}

const classSamples: ClassSample[] = [
  ...[3, 4, 7].map((classes, i) => classSample(i, 80 * classes, classes)),
  ...[3, 5].map((classes, i) => classSample(50 + i, 60, classes, 8)),
  {
    name: 'a class that lacks',
    labels: [0, 1, 1, 0],
    probabilities: [
      [0.6, 0.3, 0.1],
      [0.2, 0.7, 0.1],
      [0.5, 0.2, 0.3],
      [1, 0, 0],
    ],
  },
  {
    name: 'no probability for the truth',
    labels: [0, 1, 2],
    probabilities: [
      [0, 1, 0],
      [0, 0, 1],
      [1, 0, 0],
    ],
  },
  { name: 'all alike', labels: [0, 1, 2, 2], probabilities: new Array<number[]>(4).fill([0.25, 0.5, 0.25]) },
];

describeWithPython(['sklearn', 'scipy'], 'the statistics equal scikit-learn and scipy to 1e-9', (python) => {
  let answers: Answers;

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
    const multiclass = classSamples.map(({ labels, probabilities }) => ({ labels, probabilities }));
    answers = ask(python, { binary, multiclass });
  });

  test.each(samples.map(({ name }, i) => [name, i] as const))('%s', (_, i) => {
    const { labels, scores } = samples[i]!;
    const expected = answers.binary[i]!;
    near(figuresOf(makeCases(labels, scores), expected), expected);
  });

  test.each(classSamples.map(({ name }, i) => [name, i] as const))('several classes: %s', (_, i) => {
    const { labels, probabilities } = classSamples[i]!;
    const cases = makeClassCases(labels, probabilities, probabilities[0]!.length);
    const once = new Uint32Array(labels.length).fill(1);
    const confusion = classConfusion(cases);
    const oneVsRest = oneVersusRestAucs(oneVersusRest(cases), once);
    near(
      {
        confusion,
        accuracy: confusion.reduce((sum, row, k) => sum + row[k]!, 0) / labels.length,
        brier: classBrierScore(cases, once),
        logLoss: logLoss(cases, once),
        kappa: quadraticKappa(confusion),
        oneVsRest,
        macro: oneVsRest.reduce((a, b) => a + b, 0) / oneVsRest.length,
        handTill: handTillAuc(classPairs(cases), once),
      },
      answers.multiclass[i],
    );
  });
});

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

function ask(python: string, question: object): Answers {
  const script = join(repoRoot, 'tests', 'validation', 'reference', 'statistics.py');
  const { status, stdout, stderr } = spawnSync(python, [script], {
    input: JSON.stringify(question),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Answers;
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
