import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import { encodePatch, writeBundle } from 'model-bundle';
import { exportOnnx, registerOnnxBackend } from 'tfjs-backend-onnx';
import { type ServingOptions, startServing } from '../../services/serving';
import { LUNA_PATCH, voxelsOf } from '../../datasets';
import { classify, randomParameters } from '../../packages/tfjs-backend-onnx/tests/luna-model';
import { binaryRequest } from './infer-client';
import { sampleLineage, sampleSignature, writeSampleBundle } from './sample-bundle';

const VOXELS = voxelsOf(LUNA_PATCH);
const VERSION = 'nodule-classifier@1.0.0';
const ROWS = 9;
let dir: string;
let luna: string;

const patches = Float32Array.from({ length: ROWS * VOXELS }, (_, i) => ((i * 7919) % 1500) - 1000);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lungate-tuning-'));
  luna = join(dir, 'luna');
  await writeBundle(luna, {
    signature: sampleSignature('patch'),
    lineage: sampleLineage,
    files: { 'model.onnx': await lunaModel() },
    goldenCases: [{ id: 'first', patch: encodePatch(patches.subarray(0, VOXELS)), probabilities: [0.5, 0.5] }],
  });
});

afterAll(async () => {
  await rm(dir, { recursive: true });
});

async function lunaModel(): Promise<Uint8Array> {
  const backend = registerOnnxBackend({ threads: 1 });
  await tf.setBackend('onnx');
  const parameters = randomParameters(2);
  const statistics = { mean: tf.tensor1d([-250]), variance: tf.tensor1d([2e5]) };
  const inputs = [{ name: 'patch', shape: [-1, 1, 32, 48, 48], dtype: 'float32' as const }];
  const bytes = exportOnnx((patch) => classify(patch, parameters, statistics), inputs);
  backend.dispose();
  return bytes;
}

async function startRecorded(options: Partial<ServingOptions> & { bundleDir: string }) {
  const events: Record<string, unknown>[] = [];
  const log = (line: Record<string, unknown>) => void events.push(line);
  const serving = await startServing({ version: VERSION, port: 0, workers: 1, log, ...options });
  const tuning = () => events.find(({ event }) => String(event).startsWith('model-'));
  return { serving, tuning };
}

async function logits(url: string, rows: number): Promise<Float32Array> {
  const { body, headers } = binaryRequest('patch', patches.subarray(0, rows * VOXELS));
  const response = await fetch(`${url}/v2/models/nodule-classifier/infer`, { method: 'POST', headers, body });
  expect(response.status).toBe(200);
  const { outputs } = (await response.json()) as { outputs: { name: string; data: number[] }[] };
  return Float32Array.from(outputs.find(({ name }) => name === 'logits')!.data);
}

test('tunes the model while it answers, and answers the same afterwards', async () => {
  const { serving, tuning } = await startRecorded({ bundleDir: luna, tuneAfterMs: 0 });
  const before = await logits(serving.url, ROWS);
  while (!tuning()) await sleep(20);
  const found = tuning()!;
  // On a CPU without blocked kernels there is nothing to tune for.
  if (found['event'] === 'model-not-tuned') expect(found['reason']).toBe('ONNX_TUNE_NO_BLOCKS');
  else expect(found).toMatchObject({ event: 'model-tuned', batchSizes: [1, 8] });
  for (const rows of [1, ROWS]) {
    const after = await logits(serving.url, rows);
    expect(Math.max(...after.map((value, i) => Math.abs(value - before[i]!)))).toBeLessThan(1e-4);
  }
  await serving.close();
});

test('goes on with the model as it is where tuning would gain nothing, and says so', async () => {
  const { dir: bundleDir } = await writeSampleBundle(join(dir, 'sample'));
  const { serving, tuning } = await startRecorded({ bundleDir, tuneAfterMs: 0 });
  while (!tuning()) await sleep(20);
  expect(tuning()).toMatchObject({ event: 'model-not-tuned', reason: expect.stringMatching(/^ONNX_/) as string });
  expect(await logits(serving.url, 2)).toHaveLength(4);
  await serving.close();
});

test('drains while the model is being tuned', async () => {
  const { serving, tuning } = await startRecorded({ bundleDir: luna, tuneAfterMs: 0 });
  await sleep(150);
  await serving.close();
  expect(tuning()).toBeUndefined();
});
