import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { MlflowClient } from 'mlflow-rest-ts';
import { decodePatch, readBundle, readGoldenCases, type Bundle } from 'model-bundle';
import { InferenceSession, Tensor } from 'quiet-onnxruntime';
import {
  candidatesOf,
  loadPatches,
  openLuna16,
  splitByPatient,
  voxelsOf,
  LUNA_PATCH,
  type Dataset,
  type Split,
} from '../../datasets';
import { startRegistry, type RegistryServer } from '../../registry';
import { deriveBump } from '../../registry/versions/semantic-version';
import { calibrateBundle, train, type CalibrateResult, type TrainingConfig } from '../../services/training';
import { readTrained } from '../../services/training/calibration/read-trained';
import { fitTemperature } from '../../services/training/calibration/temperature';
import { exportBundle } from '../../services/training/export';
import { createModel } from '../../services/training/models';
import { validate, type Report } from '../../services/validation';
import { describeWithPython } from '../present';
import { toyConfig } from '../training/toy';
import { freezeTinySuite, HOLDOUT, writeTinyBundle, writeTinyDataset } from './world';

/** By how much the logits of the over-confident model are too large. */
const TOO_SURE = 5;

const config: TrainingConfig = {
  ...toyConfig,
  patch: { size: [32, 48, 48], clip: [-1000, 1000], padding: -1000, resample_mm: null },
  model: { name: 'luna', channels: [2, 3], crop: [8, 16, 16] },
  trainer: { ...toyConfig.trainer, max_epochs: 4 },
  optimizer: { ...toyConfig.optimizer, lr: 0.02 },
  engine: { name: 'onnx' },
  threads: 2,
};

let world: string;
let clean: Dataset;
/** The same scans with every fifth label wrong: who is sure there is too sure. */
let dataset: Dataset;
let split: Split;
let registry: RegistryServer;
let trained: Bundle;
/** As it is best calibrated. */
let own: CalibrateResult;
let sharp: Bundle;
let calibrated: CalibrateResult;
let runs = 0;

beforeAll(async () => {
  world = await mkdtemp(join(tmpdir(), 'calibration-'));
  clean = await writeTinyDataset(join(world, 'data'));
  dataset = await doubt(clean, join(world, 'doubtful'));
  split = splitByPatient(dataset.manifest, { seed: 1, fractions: { validation: 0.4, test: 0 }, holdout: HOLDOUT });
  await freezeTinySuite(dataset, join(world, 'suite.yaml'), ['determinism']);
  registry = await startRegistry({ root: join(world, 'registry') });
  trained = (await trainTiny('none')).bundle;
  own = await calibrate(trained.dir);
  sharp = await makeOverConfident(join(world, 'sharp'));
  calibrated = await calibrate(sharp.dir);
});
afterAll(async () => {
  await registry.close();
  await rm(world, { recursive: true, force: true });
});

async function doubt({ dir: from }: Dataset, dir: string): Promise<Dataset> {
  await cp(from, dir, { recursive: true });
  const file = join(dir, 'candidates_V2.csv');
  const [header = '', ...rows] = (await readFile(file, 'utf8')).trim().split('\n');
  const doubtful = rows.map((row, i) =>
    i % 5 === 2 ? row.replace(/[01]$/, (label) => (label === '1' ? '0' : '1')) : row,
  );
  await writeFile(file, `${[header, ...doubtful].join('\n')}\n`);
  return openLuna16(dir);
}

async function trainTiny(calibration: TrainingConfig['calibration']) {
  const client = new MlflowClient({ trackingUri: registry.url });
  const tracking = { client, experiment: 'calibration', tags: {} };
  const data = { cacheDir: join(world, 'patches') };
  const runDir = join(world, `run-${++runs}`);
  const { runId, bundleDir } = await train({
    config: { ...config, calibration },
    dataset: clean,
    split,
    runDir,
    tracking,
    data,
  });
  return { run: await client.getRun(runId), bundle: await readBundle(bundleDir) };
}

/** The trained network with its logits multiplied. */
async function makeOverConfident(dir: string): Promise<Bundle> {
  const { weights } = await readTrained(trained);
  const model = createModel(config, ['non-nodule', 'nodule']);
  model.module.setWeights(weights);
  await model.module.divideLogits(own.temperature / TOO_SURE);
  const golden = await readGoldenCases(trained);
  const goldenPatches = golden.map(({ id, patch }) => ({ id, hu: Int16Array.from(decodePatch(patch)) }));
  return exportBundle(dir, { model, config, lineage: trained.lineage, goldenPatches });
}

function calibrate(bundleDir: string, changes: Partial<Parameters<typeof calibrateBundle>[0]> = {}) {
  const outDir = join(world, `calibrated-${++runs}`);
  return calibrateBundle({ bundleDir, outDir, dataset, split, threads: 2, ...changes });
}

/** What the ONNX model says of the validation split, in rows. */
async function askOnnx(bundle: Bundle): Promise<{ logits: number[][]; probabilities: number[][]; labels: number[] }> {
  const { hu, labels } = await loadPatches(dataset, candidatesOf(dataset.manifest, split.validation));
  const session = await InferenceSession.create(bundle.path('model.onnx'));
  const patch = new Tensor('float32', Float32Array.from(hu), [labels.length, 1, ...LUNA_PATCH.patchSize]);
  const output = await session.run({ patch });
  const rows = (name: string) => {
    const data = [...(output[name]!.data as Float32Array)];
    return Array.from(labels, (_, i) => data.slice(2 * i, 2 * i + 2));
  };
  return { logits: rows('logits'), probabilities: rows('probabilities'), labels: [...labels] };
}

describe('a model that is far too sure of itself', () => {
  const reports: Report[] = [];
  const scores: number[][] = [];
  beforeAll(async () => {
    for (const bundle of [sharp, calibrated.bundle]) {
      const evidenceDir = join(world, `evidence-${++runs}`);
      const options = { bundleDir: bundle.dir, suitePath: join(world, 'suite.yaml'), dataset, split, evidenceDir };
      reports.push((await validate({ ...options, keyDir: join(world, 'key') })).report);
      const csv = await readFile(join(evidenceDir, 'scores.csv'), 'utf8');
      scores.push(
        csv
          .trim()
          .split('\n')
          .slice(1)
          .map((line) => Number(line.split(',')[8])),
      );
    }
  });
  const figure = (name: string) => reports.map(({ figures }) => figures[name]!.value!);

  test('has on the holdout, which the temperature never saw, a smaller calibration error afterwards', () => {
    const [eceBefore, eceAfter] = figure('ece');
    const [brierBefore, brierAfter] = figure('brier');
    expect(eceAfter).toBeLessThan(0.75 * eceBefore!);
    expect(brierAfter).toBeLessThan(brierBefore!);
    expect(calibrated.after).toBeLessThan(calibrated.before);
  });

  test('tells the classes apart as before: the same AUC, order and class of the cases', () => {
    const [before, after] = figure('auc');
    expect(after).toBeCloseTo(before!, 12);
    const classes = scores.map((column) => column.map((score) => score >= 0.5));
    expect(classes[1]).toEqual(classes[0]);
    const order = scores.map((column) => [...column.keys()].sort((a, b) => column[a]! - column[b]!));
    expect(order[1]).toEqual(order[0]);
  });

  test('says in its report by what it divides, and answers alike in every engine', () => {
    expect(reports.map(({ calibration }) => calibration.temperature)).toEqual([null, calibrated.temperature]);
    expect(figure('goldenCaseDifference')[1]).toBeLessThan(1e-5);
    expect(reports[1]!.rules.filter(({ metric }) => metric.startsWith('determinism.'))).toMatchObject([
      { outcome: 'pass' },
      { outcome: 'pass' },
      { outcome: 'pass' },
    ]);
  });
});

describe('the calibrated bundle', () => {
  test('gives the old logits divided by the temperature, and the softmax of that', async () => {
    const [before, after] = [await askOnnx(sharp), await askOnnx(calibrated.bundle)];
    after.logits.flat().forEach((logit, i) => {
      const expected = before.logits.flat()[i]! / calibrated.temperature;
      expect(Math.abs(logit - expected)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected)));
    });
    after.probabilities.forEach(([, probability], i) => {
      const [no, yes] = after.logits[i] as [number, number];
      expect(probability).toBeCloseTo(1 / (1 + Math.exp(no - yes)), 5);
    });
  });

  test('says the same as TF.js layers', async () => {
    const { bundle } = calibrated;
    const json = JSON.parse(await readFile(bundle.path('model.json'), 'utf8')) as tf.io.ModelJSON;
    const bytes = await readFile(bundle.path('weights.bin'));
    const weightData = new Uint8Array(bytes).buffer;
    const { modelTopology, weightsManifest } = json;
    const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
    const layers = await tfl.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
    for (const { patch, probabilities } of await readGoldenCases(bundle)) {
      const x = tf.clipByValue(tf.tensor(decodePatch(patch), [1, ...LUNA_PATCH.patchSize, 1]), -1000, 1000);
      const [, answer] = layers.predict(x) as tf.Tensor[];
      [...(await answer!.data())].forEach((value, i) => {
        expect(value).toBeCloseTo(probabilities[i]!, 5);
      });
    }
  });

  test('is traced: the temperature and its cases, all else as before', () => {
    const cases = candidatesOf(dataset.manifest, split.validation).length;
    const calibration = { method: 'temperature', temperature: calibrated.temperature, cases };
    expect(calibrated.bundle.lineage).toEqual({ ...sharp.lineage, calibration });
    expect(calibrated.bundle.signature).toEqual(sharp.signature);
    expect(deriveBump(sharp, calibrated.bundle)).toEqual({
      bump: 'patch',
      reason: `it was recalibrated (temperature 1 → ${calibrated.temperature}); data and recipe are the same`,
    });
  });

  test('calibrated once more is as it was', async () => {
    const again = await calibrate(calibrated.bundle.dir);
    expect(again.temperature / calibrated.temperature).toBeCloseTo(1, 4);
  });

  test('of a model that is five times as sure as it may be has a temperature of five', () => {
    expect(calibrated.temperature).toBeCloseTo(TOO_SURE, 3);
  });
});

test('a training that asks for it ends with the model that calibrating it later gives', async () => {
  const later = await calibrate(trained.dir, { dataset: clean });
  const { run, bundle } = await trainTiny('temperature');
  const { calibration, configDigest } = bundle.lineage;
  expect(calibration!.temperature / later.temperature).toBeCloseTo(1, 4);
  expect(calibration!.cases).toBe(later.cases);
  expect(run.tags['calibration']).toBe(`temperature ${calibration!.temperature}`);
  expect(configDigest).toBe(trained.lineage.configDigest);
  const [a, b] = [await askOnnx(bundle), await askOnnx(later.bundle)];
  a.probabilities.flat().forEach((value, i) => {
    expect(value).toBeCloseTo(b.probabilities.flat()[i]!, 4);
  });
});

describe('is refused by name and writes nothing:', () => {
  test('a split that is not the one of the training', async () => {
    const other = { ...split, validation: split.train, train: split.validation };
    await expect(calibrate(sharp.dir, { split: other })).rejects.toMatchObject({
      code: 'TRAINING_CALIBRATION_OTHER_SPLIT',
    });
  });

  test('a folder in which something stands', async () => {
    const before = (await readBundle(calibrated.bundle.dir)).digest;
    const refused = calibrate(sharp.dir, { outDir: calibrated.bundle.dir });
    await expect(refused).rejects.toMatchObject({ code: 'TRAINING_CALIBRATION_OUT_EXISTS' });
    expect((await readBundle(calibrated.bundle.dir)).digest).toBe(before);
  });

  test('a bundle that something else wrote', async () => {
    const foreign = await writeTinyBundle(join(world, 'foreign'), dataset, split);
    await expect(calibrate(foreign.dir)).rejects.toMatchObject({ code: 'TRAINING_CALIBRATION_FOREIGN' });
  });

  test('a model that gives the same score to all', async () => {
    const model = createModel(config, ['non-nodule', 'nodule']);
    const { weights } = await readTrained(trained);
    weights['head_linear/kernel']!.data.fill(0);
    model.module.setWeights({ ...weights, 'head_linear/bias': { shape: [2], data: Float32Array.of(0, 0) } });
    const goldenPatches = [{ id: 'a', hu: new Int16Array(voxelsOf(LUNA_PATCH)) }];
    const flat = await exportBundle(join(world, 'flat'), { model, config, lineage: trained.lineage, goldenPatches });
    await expect(calibrate(flat.dir)).rejects.toMatchObject({ code: 'TRAINING_CALIBRATION_UNDEFINED' });
  });
});

describeWithPython(['scipy'], 'the temperature', (python) => {
  test('is the one that SciPy finds from the same logits', async () => {
    const { logits, labels } = await askOnnx(sharp);
    const script = join(__dirname, 'reference', 'temperature.py');
    const { stdout } = spawnSync(python, [script], { input: JSON.stringify({ logits, labels }), encoding: 'utf8' });
    const reference = JSON.parse(stdout) as { temperature: number; after: number };
    const fitted = fitTemperature(logits.flat(), labels, 2)!;
    expect(fitted.temperature / reference.temperature).toBeCloseTo(1, 5);
    expect(fitted.after).toBeCloseTo(reference.after, 9);
    expect(calibrated.temperature / reference.temperature).toBeCloseTo(1, 5);
  });
});
