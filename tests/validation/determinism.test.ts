import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { readBundle, readGoldenCases, writeBundle, type Bundle } from 'model-bundle';
import { onnx } from 'onnx-proto';
import type { Dataset, Split } from '../../datasets';
import { candidatesOf, loadPatches, voxelsOf, LUNA_PATCH } from '../../datasets';
import { exportBundle } from '../../services/training/export';
import { createModel } from '../../services/training/models';
import type { TrainingConfig } from '../../services/training';
import { validate, type Report } from '../../services/validation';
import { toyConfig } from '../training/toy';
import { freezeTinySuite, splitTinyDataset, writeTinyBundle, writeTinyDataset } from './world';

let world: string;
let dataset: Dataset;
let split: Split;
let tiny: Bundle;
let runs = 0;

beforeAll(async () => {
  tf.enableProdMode();
  world = await mkdtemp(join(tmpdir(), 'determinism-'));
  dataset = await writeTinyDataset(join(world, 'data'));
  split = splitTinyDataset(dataset);
  await freezeTinySuite(dataset, join(world, 'suite.yaml'), ['determinism']);
  tiny = await writeTinyBundle(join(world, 'tiny'), dataset, split);
});
afterAll(() => rm(world, { recursive: true, force: true }));

async function compare(bundleDir: string): Promise<{ report: Report; rules: Record<string, string> }> {
  const { report } = await validate({
    bundleDir,
    suitePath: join(world, 'suite.yaml'),
    dataset,
    split,
    evidenceDir: join(world, `evidence-${++runs}`),
    keyDir: join(world, 'key'),
  });
  const rules = report.rules.filter(({ metric }) => metric.startsWith('determinism.'));
  return { report, rules: Object.fromEntries(rules.map(({ metric, outcome }) => [metric, outcome])) };
}

/** An untrained network as training exports it: ONNX and TF.js. */
async function exportNetwork(dir: string, seed: number): Promise<Bundle> {
  const config: TrainingConfig = {
    ...toyConfig,
    patch: { size: [32, 48, 48], clip: [-1000, 1000], padding: -1000, resample_mm: null },
    model: { name: 'luna', channels: [2, 3], crop: [16, 16, 16] },
    seed,
  };
  const candidates = candidatesOf(dataset.manifest, split.validation).slice(0, 1);
  const { hu } = await loadPatches(dataset, candidates);
  const model = createModel(config, ['non-nodule', 'nodule']);
  const goldenPatches = [{ id: 'a', hu: hu.subarray(0, voxelsOf(LUNA_PATCH)) }];
  return exportBundle(dir, { model, config, lineage: tiny.lineage, goldenPatches });
}

test('a network that training exported gives the same answers twice, in a batch and by TensorFlow.js', async () => {
  const { dir } = await exportNetwork(join(world, 'network'), 5);
  const { report, rules } = await compare(dir);
  expect(rules).toEqual({
    'determinism.repeat': 'pass',
    'determinism.batch': 'pass',
    'determinism.engine': 'pass',
  });
  expect(report.determinism?.comparisons.map(({ title, patches }) => [title, patches])).toEqual([
    ['The same input twice', 32],
    ['Batches of 1 against 32', 32],
    ['ONNX Runtime against TensorFlow.js', 2],
  ]);
  // Two engines that share no arithmetic agree to a few units in the last place, and not to the bit.
  expect(report.figures['determinism.engine']?.value).toBeLessThan(1e-6);
});

test('TensorFlow.js weights of another training are found', async () => {
  const [one, other] = [await readBundle(join(world, 'network')), await exportNetwork(join(world, 'other-network'), 6)];
  const file = (bundle: Bundle, name: string) => readFile(bundle.path(name));
  const mixed = await writeBundle(join(world, 'mixed'), {
    ...one,
    goldenCases: await readGoldenCases(one),
    files: {
      'model.onnx': await file(one, 'model.onnx'),
      'model.json': await file(one, 'model.json'),
      'weights.bin': await file(other, 'weights.bin'),
    },
  });
  const { rules } = await compare(mixed.dir);
  expect(rules).toEqual({ 'determinism.repeat': 'pass', 'determinism.batch': 'pass', 'determinism.engine': 'fail' });
});

test('a bundle without a TensorFlow.js model has its graph run there, and the report says so', async () => {
  const { report, rules } = await compare(tiny.dir);
  expect(rules['determinism.engine']).toBe('pass');
  expect(report.determinism?.comparisons[2]?.title).toMatch(/on the same graph$/);
  expect(report.figures['determinism.engine']?.definition).toMatch(/The bundle holds no TF\.js model of its own/);
});

/** The tiny graph with its nodes changed. */
async function changedGraph(name: string, change: (graph: onnx.IGraphProto) => void): Promise<Bundle> {
  const model = onnx.ModelProto.toObject(onnx.ModelProto.decode(await readFile(tiny.path('model.onnx'))));
  change(model['graph'] as onnx.IGraphProto);
  const bytes = onnx.ModelProto.encode(onnx.ModelProto.fromObject(model)).finish();
  const goldenCases = await readGoldenCases(tiny);
  return writeBundle(join(world, name), { ...tiny, goldenCases, files: { 'model.onnx': bytes } });
}

test('a model whose answer depends on what else is in the batch fails', async () => {
  const { dir } = await changedGraph('mixing', ({ node }) => {
    const sum = node!.find(({ opType }) => opType === 'Add')!;
    sum.output = ['single'];
    const attribute = [{ name: 'axes', type: onnx.AttributeProto.AttributeType.INTS, ints: [0] }];
    node!.splice(
      -1,
      0,
      { opType: 'ReduceMean', input: ['single'], output: ['of the batch'], attribute },
      { opType: 'Sub', input: ['single', 'of the batch'], output: ['logits'] },
    );
  });
  const { rules } = await compare(dir);
  expect(rules).toEqual({ 'determinism.repeat': 'pass', 'determinism.batch': 'fail', 'determinism.engine': 'pass' });
});

test('operators that TensorFlow.js lacks are refused by name, and the hint says what to leave out', async () => {
  const { dir } = await changedGraph('unknown', ({ node }) => {
    node!.unshift({ opType: 'Det', input: ['patch'], output: ['unused'] });
  });
  await expect(compare(dir)).rejects.toMatchObject({
    code: 'VALIDATION_SECOND_ENGINE_FAILED',
    hint: expect.stringContaining('determinism.tolerance.engine') as string,
  });
});
