import { candidatesOf, openDataModule, type DataModule, type Dataset, type Split } from '../../datasets';
import { patchContractOf, type TrainingConfig } from './config';
import { trainingError } from './errors';
import type { GoldenPatch } from './export';
import type { TrainingData } from './fit';

/** Golden cases a class: enough to notice other preprocessing or a swapped label, small enough for a bundle. */
const GOLDEN_PER_CLASS = 2;

export interface PatchData extends TrainingData {
  goldenPatches: GoldenPatch[];
  close: () => Promise<void>;
}

/** Where patches are kept and what may be spent on them; none of it changes what training gives. */
export interface DataSettings {
  /** Folder of the patch cache. */
  cacheDir: string;
  /** Threads that make batches; chosen by the number of cores when left out. */
  workers?: number;
  /** Bound of the memory that batches, cached patches and scans being cut take. */
  memoryMb?: number;
}

export interface PatchDataOptions {
  dataset: Dataset;
  split: Split;
  config: TrainingConfig;
  settings: DataSettings;
  signal: AbortSignal | undefined;
  onProgress: (done: number, total: number, note: string) => void;
}

/**
 * The patches of the split's training and validation patients.
 * Errors: TRAINING_CLASS_EMPTY, and those of reading the scans.
 */
export async function openPatchData(options: PatchDataOptions): Promise<PatchData> {
  const { dataset, split, config, settings, signal, onProgress } = options;
  refuseEmptyClass(dataset, split);
  const data = await openDataModule({
    dataset,
    split,
    contract: patchContractOf(config),
    seed: config.seed,
    batchSize: config.trainer.batch_size,
    epochSamples: config.trainer.epoch_samples,
    sampler: config.sampler,
    augmentation: config.augmentation,
    ...settings,
    signal,
    onProgress: (done, total) => {
      onProgress(done, total, `patches ${done} of ${total}`);
    },
  });
  // A batch's memory may be taken for the next: the model has copied it to the engine by then, and new memory costs more
  // than what is read into it.
  return {
    batchesPerEpoch: data.batchesPerEpoch,
    trainingBatches: (epoch, from, difficulty) => data.trainBatches(epoch, { from, difficulty, reuse: true }),
    initialDifficulty: data.initialDifficulty,
    learn: data.learn,
    validationBatches: () => data.validationBatches({ reuse: true }),
    waitSeconds: data.waitSeconds,
    goldenPatches: await goldenPatchesOf(data),
    close: data.close,
  };
}

function refuseEmptyClass({ manifest }: Dataset, split: Split): void {
  for (const part of ['train', 'validation'] as const) {
    const candidates = candidatesOf(manifest, split[part]);
    for (const [value, label] of manifest.labels.entries()) {
      if (candidates.some((candidate) => candidate.label === value)) continue;
      throw trainingError('TRAINING_CLASS_EMPTY', { part, label, count: candidates.length });
    }
  }
}

async function goldenPatchesOf(data: DataModule): Promise<GoldenPatch[]> {
  const candidates = [...data.candidates.validation.entries()];
  const ofClass = (label: number) =>
    candidates.filter(([, candidate]) => candidate.label === label).slice(0, GOLDEN_PER_CLASS);
  const chosen = [...ofClass(1), ...ofClass(0)];
  return Promise.all(chosen.map(async ([index, { id }]) => ({ id, hu: await data.patch('validation', index) })));
}
