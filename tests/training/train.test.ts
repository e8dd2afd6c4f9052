import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MlflowClient } from 'mlflow-rest-ts';
import { decodePatch, readBundle, readGoldenCases } from 'model-bundle';
import { InferenceSession, Tensor } from 'quiet-onnxruntime';
import { availableProviders } from 'tfjs-backend-onnx';
import type { Dataset, Split } from '../../datasets';
import { startRegistry, type RegistryServer } from '../../registry';
import { train, type TrainingConfig, type TrainOptions } from '../../services/training';
import { splitTinyDataset, writeTinyDataset } from '../validation/world';

const config: TrainingConfig = {
  registered_model_name: 'nodule-classifier',
  patch: { size: [32, 48, 48], clip: [-1000, 1000], padding: -1000, resample_mm: null },
  model: { name: 'luna', channels: [2, 4], crop: null },
  optimizer: {
    name: 'adamw',
    lr: 0.01,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weight_decay: 0.01,
    schedule: { warmup: 0.1, final: 0.01 },
  },
  trainer: {
    max_epochs: 2,
    batch_size: 8,
    monitor: 'val_auc',
    early_stopping: null,
    epoch_samples: null,
    checkpoint_seconds: 3600,
  },
  // The one whose order follows from what the model made of earlier epochs.
  sampler: { name: 'hard-negatives', share: 0.5, scores: null },
  augmentation: { flip: true, shift: 0.1, scale: 0.1, zoom: 0.1, rotate: 20, tilt: 5, noise: 10 },
  engine: { name: 'onnx' },
  calibration: 'none',
  seed: 3,
  threads: 2,
};

let world: string;
let dataset: Dataset;
let split: Split;
let registry: RegistryServer;
let client: MlflowClient;
let runs = 0;

beforeAll(async () => {
  world = await mkdtemp(join(tmpdir(), 'train-'));
  dataset = await writeTinyDataset(join(world, 'data'));
  split = splitTinyDataset(dataset);
  registry = await startRegistry({ root: join(world, 'registry') });
  client = new MlflowClient({ trackingUri: registry.url });
});

afterAll(async () => {
  await registry.close();
  await rm(world, { recursive: true, force: true });
});

/** What a bundle holds, but for the commit it was made at: someone may commit while the tests run. */
async function contentOf({ bundleDir }: { bundleDir: string }): Promise<unknown> {
  const { files, lineage } = await readBundle(bundleDir);
  return { ...files, 'lineage.json': { ...lineage, git: null } };
}

function trainTiny(changes: Partial<TrainOptions> = {}) {
  const runDir = join(world, `run-${++runs}`);
  const tracking = { client, experiment: 'tiny', tags: { study: 'tiny' }, overrides: ['trainer.max_epochs=2'] };
  const data = { cacheDir: join(world, 'patches') };
  return train({ config, dataset, split, runDir, tracking, data, ...changes });
}

describe('an undisturbed training', () => {
  let result: Awaited<ReturnType<typeof train>>;
  beforeAll(async () => {
    result = await trainTiny();
  });

  test('logs each epoch once, its config, tags and artifacts, and ends the run', async () => {
    const run = await client.getRun(result.runId);
    expect(run.status).toBe('FINISHED');
    expect(run.params).toMatchObject({
      'trainer.max_epochs': '2',
      'optimizer.name': 'adamw',
      'model.channels': '[2,4]',
    });
    expect(run.tags).toMatchObject({
      study: 'tiny',
      dataset_digest: dataset.manifest.digest,
      split_digest: split.digest,
    });
    expect(Object.keys(run.tags)).toEqual(expect.arrayContaining(['user', 'host', 'engine', 'git_commit']));
    for (const key of ['train_loss', 'val_auc', 'learning_rate', 'samples_per_second', 'data_wait_seconds']) {
      expect((await client.getMetricHistory(result.runId, key)).map(({ step }) => step)).toEqual([0, 1]);
    }
    const paths = (await client.listArtifacts(result.runId)).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['bundle', 'config.yaml', 'overrides.yaml', 'split.csv']));
  });

  test('tells nobody the name of a patient or a series', async () => {
    const csv = Buffer.from(await client.downloadArtifact(result.runId, 'split.csv')).toString();
    const { series } = dataset.manifest;
    expect(csv.trim().split('\n')).toHaveLength(1 + series.length);
    for (const { seriesUid, patientId } of series) {
      expect(csv).not.toContain(seriesUid);
      expect(csv).not.toContain(patientId);
    }
  });

  test('exports a bundle whose ONNX model gives the golden answers', async () => {
    const bundle = await readBundle(result.bundleDir);
    expect(bundle.digest).toBe(result.bundleDigest);
    expect(Object.keys(bundle.files)).toEqual(
      expect.arrayContaining(['model.onnx', 'model.json', 'weights.bin', 'config.yaml', 'golden.json']),
    );
    const session = await InferenceSession.create(bundle.path('model.onnx'));
    const cases = await readGoldenCases(bundle);
    expect(cases).toHaveLength(4);
    for (const { patch, probabilities } of cases) {
      const output = await session.run({ patch: new Tensor('float32', decodePatch(patch), [1, 1, 32, 48, 48]) });
      [...(output['probabilities']!.data as Float32Array)].forEach((value, i) => {
        expect(Math.abs(value - probabilities[i]!)).toBeLessThan(1e-5);
      });
    }
  });

  test('trained again from the same seed, it gives the same bundle', async () => {
    expect(await contentOf(await trainTiny())).toEqual(await contentOf(result));
  });

  test('interrupted, it leaves a killed run; continued, the same run ends with every point once and the same digest', async () => {
    const runDir = join(world, 'interrupted');
    const controller = new AbortController();
    const stopInSecondEpoch = (_done: number, _total: number, note: string) => {
      if (note.startsWith('epoch 2')) controller.abort();
    };
    await expect(trainTiny({ runDir, signal: controller.signal, onProgress: stopInSecondEpoch })).rejects.toMatchObject(
      { code: 'TRAINING_INTERRUPTED' },
    );
    const { runId } = JSON.parse(readFileSync(join(runDir, 'run.json'), 'utf8')) as { runId: string };
    expect((await client.getRun(runId)).status).toBe('KILLED');

    const continued = await trainTiny({ runDir });
    expect(continued.runId).toBe(runId);
    expect(await contentOf(continued)).toEqual(await contentOf(result));
    expect((await client.getRun(runId)).status).toBe('FINISHED');
    expect((await client.getMetricHistory(runId, 'val_loss')).map(({ step }) => step)).toEqual([0, 1]);
  });
});

test('a training part without a nodule is refused by name', async () => {
  const manifest = { ...dataset.manifest, candidates: dataset.manifest.candidates.filter(({ label }) => label === 0) };
  await expect(trainTiny({ dataset: { ...dataset, manifest } })).rejects.toMatchObject({
    code: 'TRAINING_CLASS_EMPTY',
    details: { part: 'train', label: 'nodule' },
  });
});

test('a tracking server that cannot be reached is named before anything is trained', async () => {
  const tracking = { client: new MlflowClient({ trackingUri: 'http://127.0.0.1:9' }), experiment: 'tiny', tags: {} };
  await expect(trainTiny({ tracking })).rejects.toMatchObject({ code: 'TRAINING_TRACKING_FAILED' });
});

test('an engine whose package is not installed says how to install it', async () => {
  const wanted = { ...config, engine: { name: 'tfjs-node-gpu' as const } };
  await expect(trainTiny({ config: wanted })).rejects.toMatchObject({
    code: 'TRAINING_ENGINE_MISSING',
    hint: expect.stringContaining('npm install @tensorflow/tfjs-node-gpu') as string,
  });
});

test('an engine on a GPU trains where there is one, and else is refused with the way out', async () => {
  const trained = trainTiny({ config: { ...config, engine: { name: 'onnx-cuda' } } });
  if (availableProviders().includes('cuda')) await trained;
  else await expect(trained).rejects.toMatchObject({ code: 'ONNX_BACKEND_PROVIDER_ABSENT' });
});

test('a loss that is no number fails the run', async () => {
  const wild = { ...config, optimizer: { ...config.optimizer, lr: 1e30, schedule: null } };
  const runDir = join(world, 'wild');
  await expect(trainTiny({ config: wild, runDir })).rejects.toMatchObject({ code: 'TRAINING_LOSS_NOT_FINITE' });
  const { runId } = JSON.parse(await readFile(join(runDir, 'run.json'), 'utf8')) as { runId: string };
  expect((await client.getRun(runId)).status).toBe('FAILED');
});
