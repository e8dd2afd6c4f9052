import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { seededRandom } from 'seeded-random';
import type { TrainingConfig } from '../../services/training';
import { readCheckpoint } from '../../services/training/checkpoint';
import { fit, type FitOptions, type FitResult, type TrainingData } from '../../services/training/fit';
import { createModel, type Batch } from '../../services/training/models';

/** A task that a tiny network learns in a few steps: is there a bright blob in the noise? */
const VOXELS = 128;
/** Two voxels each way, around the middle. */
const BLOB = [43, 44, 51, 52, 75, 76, 83, 84];
const BATCH = 8;

export const toyConfig: TrainingConfig = {
  registered_model_name: 'nodule-classifier',
  patch: { size: [4, 4, 8], clip: [-1000, 1000], padding: -1000, resample_mm: null },
  model: { name: 'luna', channels: [2, 2], crop: null },
  optimizer: { name: 'adamw', lr: 0.03, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.01, schedule: null },
  trainer: {
    max_epochs: 3,
    batch_size: BATCH,
    monitor: 'val_auc',
    early_stopping: null,
    epoch_samples: null,
    checkpoint_seconds: 3600,
  },
  sampler: { name: 'balanced' },
  augmentation: null,
  engine: { name: 'tfjs-cpu' },
  calibration: 'none',
  seed: 5,
  threads: 1,
};

export const toyData: TrainingData = {
  batchesPerEpoch: 4,
  trainingBatches: (epoch, from) => toyBatches(`train ${epoch}`, from, 4),
  validationBatches: () => toyBatches('validation', 0, 2),
  waitSeconds: () => 0,
  initialDifficulty: null,
  learn: (before) => before,
};

async function* toyBatches(name: string, from: number, count: number): AsyncGenerator<Batch> {
  await Promise.resolve();
  for (let batch = from; batch < count; batch++) yield toyBatch(`${name} ${batch}`);
}

export function toyBatch(name: string): Batch {
  const random = seededRandom(name);
  const y = Uint8Array.from({ length: BATCH }, (_, i) => i % 2);
  const x = Float32Array.from({ length: BATCH * VOXELS }, () => -800 + 150 * random.normal());
  y.forEach((label, i) => {
    if (label === 0) return;
    for (const voxel of BLOB) x[i * VOXELS + voxel]! += 700;
  });
  return { x, y };
}

export const toyIdentity = { config: 'toy', data: 'toy', split: 'toy' };

/** Trains the toy in `runDir`, or goes on there. */
export async function fitToy(
  runDir: string,
  changes: Partial<Omit<FitOptions, 'config'>> & { trainer?: Partial<TrainingConfig['trainer']> } = {},
): Promise<FitResult> {
  tf.enableProdMode();
  await tf.setBackend('cpu');
  const { trainer, ...rest } = changes;
  const model = createModel(toyConfig, ['noise', 'blob']);
  const identity = changes.identity ?? toyIdentity;
  return fit({
    model,
    data: toyData,
    config: { optimizer: toyConfig.optimizer, trainer: { ...toyConfig.trainer, ...trainer } },
    runDir,
    resumeFrom: await readCheckpoint(runDir, identity),
    identity,
    callbacks: [],
    signal: undefined,
    ...rest,
  });
}
