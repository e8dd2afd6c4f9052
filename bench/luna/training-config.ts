import type { TrainingConfig } from '../../services/training';
import { CHANNELS, type LunaTask } from './task';

/** The task as the training service is told it. */
export function trainingConfigOf({ batchSize, learningRate, momentum, seed, threads }: LunaTask): TrainingConfig {
  return {
    model: { name: 'luna', channels: CHANNELS, crop: null },
    optimizer: { name: 'sgd', lr: learningRate, momentum, weight_decay: 0, schedule: null },
    trainer: {
      max_epochs: 1,
      batch_size: batchSize,
      balanced: false,
      monitor: 'val_loss',
      early_stopping: null,
      checkpoint_seconds: 3600,
    },
    augmentation: null,
    engine: { name: 'onnx' },
    seed,
    threads,
  };
}
