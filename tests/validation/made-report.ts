import { sha256 } from 'durable-files';
import { seededRandom } from 'seeded-random';
import { encodeGreyPng } from '../../datasets';
import { reportSchema, type Report } from '../../services/validation/report';
import type { Pictures } from '../../services/validation/study';

/**
 * A report with every section filled, by plausible numbers that nobody measured: for tests of what is drawn and
 * written from a report. `hostile` puts markup and quotes into every text that a suite, a model or a dataset may bring.
 */
export function madeReport({ hostile = false, synthetic = true } = {}): Report {
  const name = (text: string) => (hostile ? `${text} <b onload='x'>"&amp;</script>|*_\`` : text);
  const positives = 210;
  const negatives = 1840;
  const scores = makeScores(positives, negatives);
  const figures = makeFigures(name);
  const counts = confusionAt(scores, 0.31);
  return reportSchema.parse({
    notice: synthetic
      ? 'PHANTOM DATA: every scan in this report is computer-generated. It shows that the machinery works and says nothing about patients.'
      : 'Labels are the opinion of readers, not pathology: the figures say how well the model agrees with them on this holdout.',
    format: 'lungate-validation-report/2',
    verdict: 'fail',
    rules: makeRules(name),
    policy: { name: name('nodule-classifier'), digest: digest('policy') },
    intendedUse: { purpose: name('Second reading.'), users: name('Radiologists.'), outOfScope: name('First reading.') },
    suite: { name: name('nodule-classifier'), digest: digest('suite'), secondary: ['averagePrecision', 'sensitivity'] },
    model: {
      name: name('nodule-classifier'),
      bundle: digest('bundle'),
      negativeLabel: name('non-nodule'),
      positiveLabel: name('nodule'),
      input: { patchSize: [32, 48, 48], clipHu: [-1000, 1000], resampleMm: 1 },
      trainedOn: {
        dataset: name('phantom'),
        datasetDigest: digest('dataset'),
        splitDigest: digest('split'),
        trainingPatients: 96,
        validationPatients: 24,
      },
      configDigest: digest('config'),
      gitCommit: null,
      seed: 42,
      engine: 'onnx 1.30.0, float32',
    },
    dataset: { name: name('phantom'), digest: digest('dataset'), synthetic },
    holdout: { digest: digest('holdout'), patients: 40, series: 44, candidates: 2050, positives, negatives },
    bootstrap: { resamples: 2000, seed: 20240607 },
    operatingPoint: { threshold: 0.31, targetSpecificity: 0.9, positives: 118, negatives: 1010 },
    figures,
    ...makeSections(scores, counts, name),
    histogram: { positives: histogram(scores.positives), negatives: histogram(scores.negatives) },
    lowestPositives: cases('p', name, [0.004, 0.011, 0.032, 0.06, 0.19, 0.33]),
    highestNegatives: cases('n', name, [0.988, 0.961, 0.92, 0.88, 0.41, 0.3]),
    software: { onnxruntime: '1.30.0' },
  } satisfies Report);
}

const digest = (text: string) => sha256(text);
type Name = (text: string) => string;
interface Scores {
  positives: number[];
  negatives: number[];
}

function makeScores(positives: number, negatives: number): Scores {
  const random = seededRandom('made report');
  const draw = (mean: number, n: number) =>
    Array.from({ length: n }, () => 1 / (1 + Math.exp(-(mean + 1.7 * random.normal()))));
  return { positives: draw(1.3, positives), negatives: draw(-3, negatives) };
}

function confusionAt({ positives, negatives }: Scores, threshold: number) {
  const called = (scores: number[]) => scores.filter((score) => score >= threshold).length;
  const [truePositives, falsePositives] = [called(positives), called(negatives)];
  return {
    truePositives,
    falsePositives,
    trueNegatives: negatives.length - falsePositives,
    falseNegatives: positives.length - truePositives,
  };
}

function histogram(scores: number[]): number[] {
  const counts = new Array<number>(20).fill(0);
  for (const score of scores) counts[Math.min(19, Math.floor(20 * score))]!++;
  return counts;
}

function cases(letter: string, name: Name, probabilities: number[]): Report['lowestPositives'] {
  return probabilities.map((probability, i) => ({
    id: name(`${sha256(`${letter}${i}`).slice(7, 19)}-${i}`),
    series: digest(`${letter}${i}`),
    diameterMm: letter === 'p' ? 3.2 + i : null,
    probability,
    correct: probability >= 0.31 === (letter === 'p'),
  }));
}

function makeFigures(name: Name): Report['figures'] {
  const figure = (
    title: string,
    value: number | null,
    n: number,
    of: string,
    half: number | null,
    method = 'Wilson',
  ) => ({
    title: name(title),
    value,
    n,
    of: name(of),
    interval:
      value === null || half === null
        ? null
        : { lower: value - half, upper: Math.min(1, value + 0.8 * half), method: name(method) },
    definition: name(`What ${title} is, in a sentence. Hanley and McNeil, Radiology 1982.`),
  });
  const rates = [0.125, 0.25, 0.5, 1, 2, 4, 8];
  return {
    auc: figure('ROC AUC', 0.931, 2050, 'candidates', 0.021, 'DeLong'),
    aucByPatient: figure('ROC AUC, patients resampled', 0.931, 40, 'patients', 0.031, 'bootstrap over patients'),
    averagePrecision: figure('Average precision', 0.744, 2050, 'candidates', 0.06, 'bootstrap over patients'),
    partialAuc: figure('Partial AUC, standardised', 0.812, 2050, 'candidates', 0.04, 'bootstrap over patients'),
    sensitivityAtSpecificity: figure('Sensitivity at specificity 0.9', 0.83, 210, 'nodules', 0.05),
    sensitivity: figure('Sensitivity', 0.776, 210, 'nodules', 0.055),
    specificity: figure('Specificity', 0.947, 1840, 'non-nodules', 0.01),
    ppv: figure('PPV', 0.626, 260, 'called candidates', 0.06),
    npv: figure('NPV', 0.974, 1790, 'candidates not called', 0.008),
    f1: figure('F1', 0.693, 2050, 'candidates', 0.05, 'bootstrap over patients'),
    mcc: figure('MCC', 0.66, 2050, 'candidates', 0.05, 'bootstrap over patients'),
    balancedAccuracy: figure('Balanced accuracy', 0.861, 2050, 'candidates', 0.03, 'bootstrap over patients'),
    ece: figure('ECE, equal width', 0.043, 2050, 'candidates', 0.01, 'bootstrap over patients'),
    eceEqualMass: figure('ECE, equal mass', 0.039, 2050, 'candidates', 0.01, 'bootstrap over patients'),
    brier: figure('Brier score', 0.047, 2050, 'candidates', 0.006, 'bootstrap over patients'),
    calibrationSlope: figure('Calibration slope', 0.91, 2050, 'candidates', 0.09, 'Wald'),
    calibrationIntercept: figure('Calibration intercept', -0.31, 2050, 'candidates', 0.2, 'Wald'),
    netBenefit: figure('Net benefit', 0.052, 2050, 'candidates', 0.009, 'bootstrap over patients'),
    'froc.cpm': figure('CPM', 0.71, 44, 'scans', 0.07, 'bootstrap over scans'),
    ...Object.fromEntries(
      rates.map((rate, i) => [
        `froc.sensitivityAt${rate}`,
        figure(`Sensitivity at ${rate} FP a scan`, 0.43 + 0.08 * i, 214, 'nodules', 0.07, 'bootstrap over scans'),
      ]),
    ),
    'strata.worst.sensitivity': figure('Worst stratum: sensitivity', 0.61, 62, 'nodules', 0.12),
    'probe.noise.drop': figure('Largest drop under noise', 0.041, 40, 'patients', 0.02, 'paired bootstrap'),
    'determinism.engine': figure('Engines apart', 3.1e-7, 64, 'patches', null),
    'champion.auc.difference': figure('AUC against the champion', 0.012, 2050, 'candidates', 0.015, 'paired DeLong'),
    goldenCaseDifference: figure('Golden cases', 0.000_000_2, 16, 'golden cases', null),
    'budget.exceeded': figure('Budgets exceeded', 0, 2, 'budgets', null),
  };
}

function makeRules(name: Name): Report['rules'] {
  type Rule = Report['rules'][number];
  const rule = (
    title: string,
    metric: string,
    [op, threshold]: [Rule['op'], number],
    value: number,
    endpoint: Rule['endpoint'] = null,
  ): Rule => {
    const margin = op === '>=' ? value - threshold : threshold - value;
    const outcome = margin >= 0 ? ('pass' as const) : ('fail' as const);
    return { name: name(title), metric, on: 'point', op, threshold, value, outcome, margin, endpoint };
  };
  return [
    { ...rule('nodules are told from false candidates', 'auc', ['>=', 0.8], 0.91, 'primary'), on: 'lower' },
    rule('most nodules are found with few false alarms', 'sensitivityAtSpecificity', ['>=', 0.8], 0.83, 'secondary'),
    rule('a score can be read as a probability', 'ece', ['<=', 0.05], 0.043),
    rule('no stratum is left behind', 'strata.worst.sensitivity', ['>=', 0.7], 0.61),
    rule('noise inside the declared range is borne', 'probe.noise.drop', ['<=', 0.05], 0.041),
    {
      ...rule('not worse than the champion', 'champion.averagePrecision.difference', ['>=', -0.02], 0),
      outcome: 'not applicable',
      value: null,
      margin: null,
    },
  ];
}

function makeSections(scores: Scores, confusion: Report['discrimination']['confusion'], name: Name) {
  return {
    bundleChecks: [
      { name: 'opset', title: name('Operator set'), found: 'ai.onnx 17' },
      { name: 'externalData', title: 'External data', found: 'none' },
      { name: 'weights', title: 'NaN or infinite weights', found: 'none of 84,210' },
      { name: 'batch', title: 'Batch dimension', found: 'free' },
    ],
    holdoutUse: { model: 3, suites: 1 },
    discrimination: discrimination(scores, confusion),
    calibration: calibration(scores),
    decision: decision(scores),
    froc: froc(),
    strata: strata(name),
    champion: champion(name),
    probes: probes(name),
    determinism: {
      patches: 64,
      comparisons: [
        { name: 'repeat', title: name('The same input twice'), patches: 64, largestDifference: 0, tolerance: 0 },
        { name: 'batch', title: 'Batches of 1 against 32', patches: 64, largestDifference: 1.2e-7, tolerance: 1e-5 },
        {
          name: 'engine',
          title: 'ONNX Runtime against TensorFlow.js',
          patches: 8,
          largestDifference: 3.1e-7,
          tolerance: 1e-4,
        },
      ],
    },
    budget: {
      budgets: [
        { name: 'latency', title: name('Latency of one patch, 95th percentile'), limit: 50, unit: 'ms', kept: true },
        { name: 'memory', title: 'Peak memory', limit: 1024, unit: 'MiB', kept: false },
      ],
    },
    explanations: {
      method: name('Occlusion (Zeiler and Fergus, ECCV 2014): each block is covered with −1000 HU.'),
      fillHu: -1000,
      block: [8, 12, 12],
      stride: [4, 6, 6],
      cases: ['p0', 'p5', 'n0', 'n5'].map((letter, i) => ({
        id: name(`explained-${letter}`),
        series: digest(letter),
        label: name(i < 2 ? 'nodule' : 'non-nodule'),
        diameterMm: i < 2 ? 5.5 : null,
        probability: [0.004, 0.97, 0.988, 0.02][i]!,
        correct: i % 2 === 1,
        dropAtCentre: [0, 0.61, 0.55, -0.01][i]!,
        largestLogOddsDrop: [0.2, 4.1, 3.8, 0.3][i]!,
        peakDistanceMm: [9.2, 1.1, 2.3, 12.4][i]!,
      })),
    },
  } satisfies Partial<Report>;
}

function discrimination({ positives, negatives }: Scores, confusion: Report['discrimination']['confusion']) {
  const thresholds = [...positives, ...negatives].sort((a, b) => b - a);
  const share = (scores: number[], threshold: number) => scores.filter((s) => s >= threshold).length / scores.length;
  const roc = thresholds
    .filter((_, i) => i % 8 === 0)
    .map((threshold) => ({
      threshold,
      falsePositiveRate: share(negatives, threshold),
      truePositiveRate: share(positives, threshold),
    }));
  const precisionRecall = roc
    .filter(({ truePositiveRate }) => truePositiveRate > 0)
    .map(({ threshold, falsePositiveRate, truePositiveRate }) => {
      const [tp, fp] = [truePositiveRate * positives.length, falsePositiveRate * negatives.length];
      return { threshold, recall: truePositiveRate, precision: tp / (tp + fp) };
    });
  const around = (value: number, half: number) => ({
    lower: Math.max(0, value - half),
    upper: Math.min(1, value + half),
  });
  return {
    roc: [
      { threshold: null, falsePositiveRate: 0, truePositiveRate: 0 },
      ...roc,
      { threshold: 0, falsePositiveRate: 1, truePositiveRate: 1 },
    ],
    rocBand: roc.map((p) => ({ falsePositiveRate: p.falsePositiveRate, ...around(p.truePositiveRate, 0.04) })),
    precisionRecall,
    precisionRecallBand: precisionRecall.map(({ recall, precision }) => ({ recall, ...around(precision, 0.07) })),
    confusion,
  };
}

function calibration({ positives, negatives }: Scores): Report['calibration'] {
  const all = [...positives.map((s) => [s, 1] as const), ...negatives.map((s) => [s, 0] as const)];
  const bin = (from: number, to: number) => {
    const inside = all.filter(([s]) => s >= from && s < to);
    const n = inside.length;
    const mean = (k: 0 | 1) => inside.reduce((sum, row) => sum + row[k], 0) / n;
    const half = 1 / Math.sqrt(n + 1);
    return n === 0
      ? { from, to, n, predicted: null, observed: null, interval: null }
      : {
          from,
          to,
          n,
          predicted: mean(0),
          observed: mean(1),
          interval: { lower: Math.max(0, mean(1) - half), upper: Math.min(1, mean(1) + half) },
        };
  };
  const edges = all
    .map(([s]) => s)
    .sort((a, b) => a - b)
    .filter((_, i) => i % 205 === 0);
  return {
    equalWidth: Array.from({ length: 10 }, (_, i) => bin(i / 10, (i + 1) / 10)),
    equalMass: edges.map((from, i) => bin(from, edges[i + 1] ?? 1)),
    brierParts: { reliability: 0.004, resolution: 0.048, uncertainty: 0.092, withinBins: -0.001 },
    temperature: 1.31,
  };
}

function decision({ positives, negatives }: Scores): Report['decision'] {
  const n = positives.length + negatives.length;
  const prevalence = positives.length / n;
  return {
    prevalence,
    curve: Array.from({ length: 49 }, (_, i) => (i + 1) / 50).map((threshold) => {
      const odds = threshold / (1 - threshold);
      const count = (scores: number[]) => scores.filter((s) => s >= threshold).length;
      const model = (count(positives) - count(negatives) * odds) / n;
      return {
        threshold,
        model,
        treatAll: prevalence - (1 - prevalence) * odds,
        lower: model - 0.012,
        upper: model + 0.012,
      };
    }),
  };
}

function froc(): Report['froc'] {
  const sensitivity = (rate: number) => 0.93 - 0.5 / (1 + 2.2 * rate);
  const rates = Array.from({ length: 120 }, (_, i) => 0.05 * 1.05 ** i);
  return {
    scans: 44,
    nodules: 214,
    nodulesWithoutCandidate: 4,
    marks: { scored: 2050, hits: 205, falsePositives: 1740, ignored: 88, dropped: 17 },
    curve: rates.map((rate) => ({ falsePositivesPerScan: rate, sensitivity: sensitivity(rate) })),
    band: rates.map((rate) => ({
      falsePositivesPerScan: rate,
      mean: sensitivity(rate),
      lower: sensitivity(rate) - 0.08,
      upper: Math.min(1, sensitivity(rate) + 0.06),
    })),
    points: [0.125, 0.25, 0.5, 1, 2, 4, 8].map((rate) => ({
      falsePositivesPerScan: rate,
      value: sensitivity(rate),
      lower: sensitivity(rate) - 0.08,
      upper: Math.min(1, sensitivity(rate) + 0.06),
      n: 214,
    })),
    resamples: 1000,
    seed: 1,
  };
}

function strata(name: Name): Report['strata'] {
  const level = (label: string, positives: number, negatives: number, value: number) => ({
    label: name(label),
    known: true,
    candidates: positives + negatives,
    patients: Math.ceil((positives + negatives) / 10),
    positives,
    negatives,
    tooFew: positives < 20,
    auc:
      positives === 0 || negatives === 0
        ? null
        : { value, lower: value - 0.06, upper: value + 0.04, n: positives + negatives },
    sensitivity: positives === 0 ? null : { value: value - 0.1, lower: value - 0.25, upper: value, n: positives },
    specificity: negatives === 0 ? null : { value: 0.94, lower: 0.92, upper: 0.955, n: negatives },
  });
  return {
    minimumCases: 20,
    dimensions: [
      {
        name: 'diameter',
        title: name('Diameter'),
        ofPositives: true,
        levels: [level('< 6 mm', 62, 0, 0.75), level('6–10 mm', 98, 0, 0.9), level('> 10 mm', 50, 0, 0.94)],
      },
      {
        name: 'sliceThickness',
        title: 'Slice thickness',
        ofPositives: false,
        levels: [level('≤ 1.25 mm', 140, 1200, 0.94), level('> 1.25 mm', 70, 640, 0.9)],
      },
      {
        name: 'manufacturer',
        title: 'Manufacturer',
        ofPositives: false,
        levels: [
          level('GE MEDICAL SYSTEMS', 120, 1000, 0.93),
          level('SIEMENS', 78, 700, 0.92),
          level('TOSHIBA', 12, 140, 0.8),
        ],
      },
      {
        name: 'texture',
        title: 'Texture',
        ofPositives: true,
        levels: [level('solid', 180, 0, 0.93), level('part-solid', 0, 0, 0.9)],
      },
    ],
    worst: { dimension: 'diameter', label: name('< 6 mm'), metric: 'sensitivity', value: 0.65, n: 62 },
  };
}

function champion(name: Name): Report['champion'] {
  const endpoint = (
    metric: string,
    title: string,
    [challenger, difference, half]: [number, number, number],
    verdict: 'superior' | 'non-inferior' | 'inconclusive' | 'inferior',
  ) => ({
    metric,
    title,
    challenger,
    champion: challenger - difference,
    difference,
    interval: { lower: difference - half, upper: difference + half, method: name('paired bootstrap over patients') },
    n: 2050,
    of: 'candidates',
    margin: 0.02,
    p: 0.012,
    adjustedP: 0.048,
    verdict,
  });
  return {
    version: name('nodule-classifier@1.2.0'),
    bundle: digest('champion'),
    threshold: 0.28,
    endpoints: [
      endpoint('auc', name('ROC AUC'), [0.931, 0.022, 0.015], 'superior'),
      endpoint('averagePrecision', 'Average precision', [0.744, 0.004, 0.019], 'non-inferior'),
      endpoint('sensitivity', 'Sensitivity', [0.776, -0.004, 0.045], 'inconclusive'),
      endpoint('specificity', 'Specificity', [0.947, -0.034, 0.008], 'inferior'),
    ],
    mcnemar: { bothRight: 1801, onlyChallengerRight: 84, onlyChampionRight: 71, bothWrong: 94, p: 0.33 },
  };
}

function probes(name: Name): Report['probes'] {
  const baseline = 0.931;
  const probe = (
    probeName: string,
    title: string,
    unit: string,
    strengths: number[],
    slope: number,
    labels?: string[],
  ): NonNullable<Report['probes']>['probes'][number] => {
    const points = strengths.map((strength, i) => {
      const drop = slope * (labels ? i : strength / strengths.at(-1)!) ** 2;
      return {
        strength,
        label: labels?.[i] ?? null,
        value: baseline - drop,
        drop: { value: drop, lower: drop - 0.006, upper: drop + 0.008 },
        meanScoreChange: -drop / 3,
        callsChanged: { value: drop, lower: Math.max(0, drop - 0.004), upper: drop + 0.004 },
      };
    });
    return {
      name: probeName,
      title,
      unit,
      declared: { from: strengths[0]!, to: strengths.at(-2)! },
      points,
      largestDrop: { value: points.at(-2)!.drop.value, at: strengths.at(-2)! },
    };
  };
  return {
    metric: 'auc',
    baseline,
    cases: 512,
    positives: 210,
    probes: [
      probe('noise', name('Added noise'), 'HU', [0, 10, 20, 40, 80], 0.09),
      probe('blur', 'Gaussian blur', 'mm', [0, 0.5, 1, 1.5], 0.03),
      probe('huOffset', 'HU offset', 'HU', [-60, -30, 0, 30, 60], 0.02),
      probe('huScale', 'HU scale', '', [0.9, 0.95, 1, 1.05, 1.1], 0.01),
      probe('sliceThickness', 'Thicker slices', 'mm', [1.25, 2.5, 3.75, 5], 0.12),
      probe('shift', 'Half-voxel shift', 'voxels', [0, 0.25, 0.5], 0.004),
      probe('flip', 'Flips', '', [0, 1, 2], 0.002, ['z', 'y', 'x']),
      probe('rotation', 'Rotation', 'degrees', [0, 5, 10, 15], 0.02),
      probe('jitter', 'Crop jitter', 'voxels', [0, 1, 2, 3], 0.05),
      probe('dose', 'Lower dose', '', [0.25, 0.5, 1], 0.01),
    ],
  };
}

/** Sections that a validation may leave out. */
export const OPTIONAL_SECTIONS = ['froc', 'decision', 'strata', 'champion', 'probes', 'explanations'] as const;

/** A picture for every case that a report shows. */
export function madePictures({ lowestPositives, highestNegatives, explanations }: Report): Pictures {
  const bump = (x: number) => Math.exp(-((x - 24) ** 2) / 80);
  const grey = new Uint8ClampedArray(48 * 48).map((_, i) => 255 * bump(i % 48) * bump(Math.floor(i / 48)));
  const picture = { png: encodeGreyPng(grey, 48, 48), widthMm: 48 };
  const names = [
    ...[...lowestPositives, ...highestNegatives].map(({ id }) => `candidate/${id}`),
    ...(explanations?.cases ?? []).map(({ id }) => `explanation/${id}`),
  ];
  return new Map(names.map((name) => [name, picture]));
}
