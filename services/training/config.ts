import { modelNameSchema } from 'model-bundle';
import { z } from 'zod';
import type { PatchContract } from '../../datasets';
import { trainingError } from './errors';

const fraction = z.number().min(0).max(1);
const positive = z.number().positive();
const count = z.int().positive();

const scheduleSchema = z.strictObject({ warmup: fraction, final: fraction }).nullable();

const modelSchema = z.strictObject({
  name: z.literal('luna'),
  /** Output channels of each block. */
  channels: z.array(count).min(1),
  /** Slices, rows, columns in the middle of the patch that the network looks at; null looks at all of it. */
  crop: z.tuple([count, count, count]).nullable(),
});

/** Hounsfield units as a patch holds them: whole numbers of 16 bits. */
const hu = z.int().min(-32768).max(32767);

const patchSchema = z
  .strictObject({
    /** Voxels: slices, rows, columns. */
    size: z.tuple([count, count, count]),
    /** HU outside are clipped, by the crop and by the network alike. */
    clip: z.tuple([hu, hu]).refine(([low, high]) => low < high, 'the lower bound comes first'),
    /** HU beyond the edge of the scan. */
    padding: hu,
    /** Millimetres between the voxels of a patch along every axis; null keeps the scan's own. */
    resample_mm: positive.nullable(),
  })
  .refine(({ clip, padding }) => padding >= clip[0] && padding <= clip[1], {
    path: ['padding'],
    error: 'must lie within clip',
  });

const optimizerSchema = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('adamw'),
    lr: positive,
    betas: z.tuple([fraction, fraction]),
    eps: positive,
    weight_decay: z.number().min(0),
    /** Warm-up and cosine decay over the whole run; null keeps `lr`. */
    schedule: scheduleSchema,
  }),
  z.strictObject({
    name: z.literal('sgd'),
    lr: positive,
    momentum: fraction,
    weight_decay: z.number().min(0),
    schedule: scheduleSchema,
  }),
]);

/** What can be watched after each epoch; of a loss the smallest is best, of the others the largest. */
export const MONITORS = ['val_loss', 'val_auc', 'val_accuracy', 'val_sensitivity', 'val_specificity'] as const;

const trainerSchema = z.strictObject({
  max_epochs: count,
  batch_size: count,
  /** Samples an epoch shows; null as many as there are. */
  epoch_samples: count.nullable(),
  /** The metric whose best epoch becomes the bundle. */
  monitor: z.enum(MONITORS),
  early_stopping: z.strictObject({ patience: count, min_delta: z.number().min(0) }).nullable(),
  /** A checkpoint is also written within an epoch, after this many seconds. */
  checkpoint_seconds: positive,
});

const samplerSchema = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('plain') }),
  z.strictObject({ name: z.literal('balanced') }),
  z.strictObject({ name: z.literal('hard-negatives'), share: fraction, scores: z.string().nullable() }),
  z.strictObject({
    name: z.literal('curriculum'),
    by: z.enum(['diameter', 'score']),
    start: z.number().gt(0).max(1),
    epochs: count,
    scores: z.string().nullable(),
  }),
]);

const augmentationSchema = z
  .strictObject({
    flip: z.boolean(),
    shift: z.number().min(0),
    scale: z.number().min(0),
    zoom: z.number().min(0),
    rotate: z.union([z.boolean(), z.number().min(0)]),
    tilt: z.union([z.boolean(), z.number().min(0)]),
    noise: z.number().min(0),
  })
  .nullable();

export const ENGINES = ['onnx', 'onnx-webgpu', 'onnx-cuda', 'tfjs-cpu', 'tfjs-node', 'tfjs-node-gpu'] as const;

/** The part of the resolved config that decides what training does. The digest of its recipe stands in the lineage. */
export const trainingConfigSchema = z.strictObject({
  /** What versions of the model are registered as. */
  registered_model_name: modelNameSchema,
  patch: patchSchema,
  model: modelSchema,
  optimizer: optimizerSchema,
  trainer: trainerSchema,
  sampler: samplerSchema,
  augmentation: augmentationSchema,
  engine: z.strictObject({ name: z.enum(ENGINES) }),
  /** Divides the logits by a temperature fitted on the validation split when training ends. */
  calibration: z.enum(['none', 'temperature']).default('none'),
  seed: z.int().min(0),
  /** CPU threads of the engine; null takes every core. */
  threads: count.nullable(),
});

export type TrainingConfig = z.infer<typeof trainingConfigSchema>;
export type Monitor = (typeof MONITORS)[number];
export type EngineName = (typeof ENGINES)[number];

/** What the config says of patches, as a bundle's signature and the datasets have it. */
export function patchContractOf({ patch }: Pick<TrainingConfig, 'patch'>): PatchContract {
  const { size, clip, padding, resample_mm: resampleMm } = patch;
  return { patchSize: size, unit: 'HU', clip, padding, resampleMm };
}

/** What the lineage's digest covers: calibration changes what a trained network says of its certainty, not the training. */
export function recipeOf(config: TrainingConfig): object {
  return Object.fromEntries(Object.entries(config).filter(([key]) => key !== 'calibration'));
}

/** Fails with TRAINING_CONFIG_INVALID, naming every wrong key at once. */
export function parseTrainingConfig(value: unknown): TrainingConfig {
  const result = trainingConfigSchema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.') || 'config'}: ${message}`);
  throw trainingError('TRAINING_CONFIG_INVALID', { problems: problems.join('; ') });
}
