import { availableParallelism } from 'node:os';
import type { AugmentationConfig } from '../augmentation';
import { type Candidate, type Dataset, candidatesOf } from '../manifest';
import { DEFAULT_MEMORY_MB } from '../patch-cache';
import { LUNA_PATCH, type PatchContract } from '../patches';
import {
  type Difficulty,
  type SamplerConfig,
  epochOrder,
  learnDifficulty,
  learnsFromScores,
  readDifficulty,
  unknownDifficulty,
} from '../sampling';
import type { Part, Split } from '../split';
import { inThisThread, inThreads } from './batch-pool';
import { type Batch, streamBatches } from './batch-stream';
import type { BatchTask } from './batch-task';
import { shareMemory } from './memory-shares';
import { createParts } from './parts';

export interface DataModuleOptions {
  dataset: Dataset;
  /** Patients by part. */
  split: Pick<Split, Part>;
  /** Folder of the patch cache; it is made where it is not there, and serves any number of datasets and splits. */
  cacheDir: string;
  /** LUNA16's patch by default. */
  contract?: PatchContract;
  /** Decides order and augmentation. */
  seed?: number;
  batchSize?: number;
  /** Training samples an epoch shows; null as many as there are. */
  epochSamples?: number | null;
  /** Balanced by default. */
  sampler?: SamplerConfig;
  /** Of training patches; null leaves them as they are. */
  augmentation?: AugmentationConfig | null;
  /** Threads that read and vary patches; 0 does it in this one. The batches are the same bits whatever the number. */
  workers?: number;
  /** Bounds what batches made ahead, mapped patches and scans being cut take in memory, whatever the dataset's size. */
  memoryMb?: number;
  /** Patches that are cut, and their total. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

export interface EpochOptions {
  /** Leaves out as many batches at the beginning: an interrupted epoch goes on. */
  from?: number;
  /** Takes a batch's memory for another once the next is asked for; its `x` is then empty. */
  reuse?: boolean;
  /** What the model made of the patches before this epoch; what was known at first when left out. */
  difficulty?: Difficulty | null;
}

/** A dataset as training wants it: batches by epoch for training, in order for validation and test. */
export interface DataModule {
  contract: PatchContract;
  /** Names of the classes 0 and 1. */
  labels: readonly [negative: string, positive: string];
  /** The `indices` of a batch are places in it. */
  candidates: Readonly<Record<Part, readonly Candidate[]>>;
  batchesPerEpoch: number;
  /** The batches of an epoch, counted from 0: a pure function of seed, epoch and difficulty. */
  trainBatches: (epoch: number, options?: EpochOptions) => AsyncGenerator<Batch, void, undefined>;
  /** What is known of the training patches before the first epoch; null where the sampler does not ask. */
  initialDifficulty: Difficulty | null;
  /** Enters the positive class's probabilities that an epoch's samples got, in their order. */
  learn: (before: Difficulty, epoch: number, scores: readonly number[]) => Difficulty;
  /** Every patch once, in order; the last batch is filled up with empty patches, so that a compiling engine sees one shape. */
  validationBatches: (options?: Pick<EpochOptions, 'reuse'>) => AsyncGenerator<Batch, void, undefined>;
  /** The same of the test part, which is cut when it is first asked for. */
  testBatches: () => AsyncGenerator<Batch, void, undefined>;
  /** One patch as the cache holds it, `[slices, rows, columns]` HU. */
  patch: (part: Part, index: number) => Promise<Int16Array>;
  /** Seconds that training batches were waited for since this module was opened. */
  waitSeconds: () => number;
  /** Ends the threads. */
  close: () => Promise<void>;
}

/**
 * Opens a split of a dataset for training. Patches come from the cache in `cacheDir`, which is built first where it is
 * not; threads read, vary and convert batches ahead of whoever trains.
 *
 * @throws CodedError DATA_MEMORY_TOO_SMALL, PATCH_CACHE_…, CANDIDATE_OUTSIDE_SCAN, SAMPLING_…, and what reading a scan throws.
 *
 * ```ts
 * const data = await openDataModule({ dataset, split, cacheDir: 'data/patches', batchSize: 16 });
 * for await (const { x, y } of data.trainBatches(0)) …  // x: [16, 32, 48, 48] HU, y: 1 for a nodule
 * await data.close();
 * ```
 */
export async function openDataModule(options: DataModuleOptions): Promise<DataModule> {
  const { dataset, split, cacheDir, contract = LUNA_PATCH, seed = 0, batchSize = 16, signal } = options;
  const { augmentation = null, sampler = { name: 'balanced' }, memoryMb = DEFAULT_MEMORY_MB } = options;
  const { epochSamples = null } = options;
  const workers = options.workers ?? defaultWorkers();
  const { ahead, mapped } = shareMemory(memoryMb, { workers, batchSize, contract });
  const candidates = {
    train: candidatesOf(dataset.manifest, split.train),
    validation: candidatesOf(dataset.manifest, split.validation),
    test: candidatesOf(dataset.manifest, split.test),
  };

  const pool = workers === 0 ? inThisThread(mapped) : inThreads(workers, mapped);
  // Cutting may take every core, as nothing else runs meanwhile.
  const cutting = { cacheDir, contract, memoryMb, signal, workers: workers === 0 ? 0 : undefined };
  const parts = createParts(dataset, candidates, cutting, pool);
  const total = candidates.train.length + candidates.validation.length;
  const open = (part: 'train' | 'validation', before: number) =>
    parts.open(part, (done) => options.onProgress?.(before + done, total));
  let train, validation;
  try {
    train = await open('train', 0);
    validation = await open('validation', candidates.train.length);
  } catch (error) {
    await pool.close();
    throw error;
  }

  const { labels } = train;
  const initialDifficulty = await knownDifficulty(sampler, candidates.train);
  const diametersMm = Float32Array.from(candidates.train, ({ diameterMm }) => diameterMm ?? Number.NaN);
  const orderOf = (epoch: number, difficulty: Difficulty | null) =>
    epochOrder({ labels, diametersMm }, { sampler, batchSize, epochSamples, seed, epoch, difficulty });
  let waited = 0;
  const stream = (tasks: Iterator<BatchTask>, of: Uint8Array, reuse = false, onWait: (ms: number) => void = noWait) =>
    streamBatches(tasks, of, parts.make, { ahead, reuse, onWait });
  const inOrder = (part: Part, count: number): Iterator<BatchTask> =>
    cutIntoBatches({ part, order: Uint32Array.from({ length: count }, (_, i) => i), batchSize, isFilled: true });

  return {
    contract,
    labels: dataset.manifest.labels,
    candidates,
    batchesPerEpoch: Math.ceil((epochSamples ?? labels.length) / batchSize),
    trainBatches(epoch, { from = 0, reuse, difficulty = initialDifficulty } = {}) {
      const order = orderOf(epoch, difficulty);
      const variation = augmentation && { config: augmentation, seed, epoch };
      const tasks = cutIntoBatches({ part: 'train', order, batchSize, variation, from });
      return stream(tasks, labels, reuse, (milliseconds) => (waited += milliseconds));
    },
    initialDifficulty,
    learn: (before, epoch, scores) => learnDifficulty(before, labels, orderOf(epoch, before), scores),
    validationBatches: ({ reuse } = {}) =>
      stream(inOrder('validation', validation.labels.length), validation.labels, reuse),
    async *testBatches() {
      const test = await parts.open('test');
      yield* stream(inOrder('test', test.labels.length), test.labels);
    },
    async patch(part, index) {
      await parts.open(part);
      return Int16Array.from(await parts.make({ part, indices: Uint32Array.of(index), rows: 1, augmentation: null }));
    },
    waitSeconds: () => waited / 1000,
    close: pool.close,
  };
}

async function knownDifficulty(sampler: SamplerConfig, candidates: readonly Candidate[]): Promise<Difficulty | null> {
  if (!learnsFromScores(sampler)) return null;
  const scores = 'scores' in sampler ? sampler.scores : null;
  return scores === null ? unknownDifficulty(candidates.length) : readDifficulty(scores, candidates);
}

interface EpochPlan {
  part: Part;
  order: Uint32Array;
  batchSize: number;
  variation?: { config: AugmentationConfig; seed: number; epoch: number } | null;
  from?: number;
  /** Whether the last batch is filled up. */
  isFilled?: boolean;
}

function* cutIntoBatches({ part, order, batchSize, variation, from = 0, isFilled }: EpochPlan): Generator<BatchTask> {
  for (let firstSample = from * batchSize; firstSample < order.length; firstSample += batchSize) {
    const indices = order.slice(firstSample, firstSample + batchSize);
    const rows = isFilled ? batchSize : indices.length;
    yield { part, indices, rows, augmentation: variation ? { ...variation, firstSample } : null };
  }
}

function noWait(): void {
  // Only the waiting of training counts.
}

/** One for two cores: it makes batches several times as fast as a network on the other core takes them. */
function defaultWorkers(): number {
  return Math.max(1, Math.min(4, availableParallelism() >> 1));
}
