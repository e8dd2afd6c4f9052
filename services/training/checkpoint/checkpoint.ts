import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, writeFileDurably } from 'durable-files';
import { z } from 'zod';
import { trainingError } from '../errors';
import type { NamedArrays } from '../models/network';
import type { OptimizerState } from '../optimizers';
import { decodeSafetensors, encodeSafetensors } from './safetensors';

const nullable = z.number().nullable();
const metricsSchema = z.strictObject({
  loss: z.number(),
  accuracy: z.number(),
  auc: nullable,
  sensitivity: nullable,
  specificity: nullable,
});

const epochRecordSchema = z.strictObject({
  /** From 0. */
  epoch: z.int(),
  train: metricsSchema,
  validation: metricsSchema,
  /** Of the epoch's last step. */
  learningRate: z.number(),
  samplesPerSecond: z.number(),
  /** What of its training was spent waiting for batches. */
  dataWaitSeconds: z.number(),
  /** When the epoch ended, ms since 1970: a metric point keeps its time when it is sent again. */
  timestamp: z.number(),
});

const positionSchema = z.strictObject({
  format: z.literal('lungate-checkpoint/1'),
  /** What the run was begun with. */
  identity: z.strictObject({ config: z.string(), data: z.string(), split: z.string() }),
  /** The next batch to do. Order and augmentation are functions of seed, epoch and batch, so this is all the random state. */
  epoch: z.int(),
  batch: z.int(),
  optimizerStep: z.int(),
  history: z.array(epochRecordSchema),
  lossSum: z.number(),
});

/** What one finished epoch showed. */
export type EpochRecord = z.infer<typeof epochRecordSchema>;
export type RunIdentity = z.infer<typeof positionSchema>['identity'];

/** All that training needs to go on to the same bits. */
export interface Checkpoint {
  identity: RunIdentity;
  epoch: number;
  batch: number;
  history: EpochRecord[];
  /** What the batches of a begun epoch gave so far. */
  tally: { lossSum: number; scores: number[]; labels: number[] };
  /** How wrong the model last was about each training sample, for samplers that ask. */
  difficulty: Float32Array | null;
  weights: NamedArrays;
  optimizer: OptimizerState;
  /** Weights after the best epoch so far. */
  best: NamedArrays | null;
}

const DIGEST = 'sha256';
const POSITION = 'position';

export function checkpointPath(runDir: string): string {
  return join(runDir, 'checkpoint.safetensors');
}

/** One file, replaced whole: a kill at any instant leaves the old checkpoint or the new one. */
export async function writeCheckpoint(runDir: string, checkpoint: Checkpoint): Promise<void> {
  const { tally, optimizer, weights, best, difficulty, ...rest } = checkpoint;
  const position: z.infer<typeof positionSchema> = {
    format: 'lungate-checkpoint/1',
    ...rest,
    optimizerStep: optimizer.step,
    lossSum: tally.lossSum,
  };
  const arrays = {
    ...prefixed('weights', weights),
    ...prefixed('optimizer', optimizer.slots),
    ...prefixed('best', best ?? {}),
    ...prefixed('difficulty', difficulty ? { values: { shape: [difficulty.length], data: difficulty } } : {}),
    ...prefixed('tally', { scores: toArray(tally.scores), labels: toArray(tally.labels) }),
  };
  const metadata = { [POSITION]: JSON.stringify(position), [DIGEST]: digestArrays(arrays) };
  await writeFileDurably(checkpointPath(runDir), encodeSafetensors(arrays, metadata));
}

/**
 * The checkpoint of this very run, or undefined where there is none yet.
 * Fails with TRAINING_CHECKPOINT_CORRUPT, and with TRAINING_CHECKPOINT_FOREIGN when it was begun with something else.
 */
export async function readCheckpoint(runDir: string, expected: RunIdentity): Promise<Checkpoint | undefined> {
  const file = checkpointPath(runDir);
  const bytes = await readFile(file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (!bytes) return undefined;
  const { arrays, metadata } = decodeSafetensors(bytes, file);
  const { identity, epoch, batch, history, optimizerStep, lossSum } = parsePosition(metadata[POSITION], file);
  if (digestArrays(arrays) !== metadata[DIGEST]) {
    throw trainingError('TRAINING_CHECKPOINT_CORRUPT', {
      file,
      reason: 'its numbers were changed after it was written',
    });
  }
  for (const what of ['config', 'data', 'split'] as const) {
    if (identity[what] !== expected[what]) throw trainingError('TRAINING_CHECKPOINT_FOREIGN', { runDir, what });
  }
  const best = withoutPrefix('best', arrays);
  const tally = withoutPrefix('tally', arrays);
  return {
    identity,
    epoch,
    batch,
    history,
    tally: { lossSum, scores: [...(tally['scores']?.data ?? [])], labels: [...(tally['labels']?.data ?? [])] },
    difficulty: withoutPrefix('difficulty', arrays)['values']?.data ?? null,
    weights: withoutPrefix('weights', arrays),
    optimizer: { step: optimizerStep, slots: withoutPrefix('optimizer', arrays) },
    best: Object.keys(best).length > 0 ? best : null,
  };
}

function parsePosition(text: string | undefined, file: string): z.infer<typeof positionSchema> {
  try {
    return positionSchema.parse(JSON.parse(text ?? ''));
  } catch (cause) {
    throw trainingError('TRAINING_CHECKPOINT_CORRUPT', { file, reason: 'it was not written by this training' }, cause);
  }
}

function prefixed(prefix: string, arrays: NamedArrays): NamedArrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${prefix}:${name}`, array]));
}

function withoutPrefix(prefix: string, arrays: NamedArrays): NamedArrays {
  const entries = Object.entries(arrays).filter(([name]) => name.startsWith(`${prefix}:`));
  return Object.fromEntries(entries.map(([name, array]) => [name.slice(prefix.length + 1), array]));
}

function toArray(values: readonly number[]): NamedArrays[string] {
  return { shape: [values.length], data: Float32Array.from(values) };
}

function digestArrays(arrays: NamedArrays): string {
  const digests = Object.entries(arrays).map(
    ([name, { shape, data }]) =>
      `${name} ${shape.join()} ${sha256(Buffer.from(data.buffer, data.byteOffset, data.byteLength))}`,
  );
  return sha256(digests.join('\n'));
}
