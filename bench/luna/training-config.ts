import type { TrainingConfig } from '../../services/training';
import { CHANNELS, PATCH_SIZE, type LunaTask } from './task';

/** The task as the training service is told it. */
export function trainingConfigOf({ batchSize, learningRate, momentum, seed, threads }: LunaTask): TrainingConfig {
  return {
    registered_model_name: 'nodule-classifier',
    patch: { size: [...PATCH_SIZE], clip: [-1000, 1000], padding: -1000, resample_mm: null },
    model: { name: 'luna', channels: CHANNELS, crop: null },
    optimizer: { name: 'sgd', lr: learningRate, momentum, weight_decay: 0, schedule: null },
    trainer: {
      max_epochs: 1,
      batch_size: batchSize,
      monitor: 'val_loss',
      early_stopping: null,
      epoch_samples: null,
      checkpoint_seconds: 3600,
    },
    sampler: { name: 'plain' },
    augmentation: null,
    engine: { name: 'onnx' },
    calibration: 'none',
    seed,
    threads,
  };
}
