import { batches, candidatesOf, loadPatches, type Dataset, type PatchSet, type Split, voxelsOf } from '../../datasets';
import { patchContractOf, type TrainingConfig } from './config';
import { trainingError } from './errors';
import type { GoldenPatch } from './export';
import type { TrainingData } from './fit';
import type { Batch } from './models';

/** Golden cases a class: enough to notice other preprocessing or a swapped label, small enough for a bundle. */
const GOLDEN_PER_CLASS = 2;

export interface PatchData extends TrainingData {
  goldenPatches: GoldenPatch[];
}

export interface PatchDataOptions {
  dataset: Dataset;
  split: Split;
  config: TrainingConfig;
  onProgress: (done: number, total: number, note: string) => void;
}

/**
 * The patches of the split's training and validation patients.
 * Errors: TRAINING_CLASS_EMPTY, and those of reading the scans.
 */
export async function loadPatchData({ dataset, split, config, onProgress }: PatchDataOptions): Promise<PatchData> {
  const contract = patchContractOf(config);
  const load = (part: 'train' | 'validation'): Promise<PatchSet> => {
    const candidates = candidatesOf(dataset.manifest, split[part]);
    for (const [value, label] of dataset.manifest.labels.entries()) {
      if (candidates.some((candidate) => candidate.label === value)) continue;
      throw trainingError('TRAINING_CLASS_EMPTY', { part, label, count: candidates.length });
    }
    return loadPatches(dataset, candidates, {
      contract,
      onProgress: (done, total) => {
        onProgress(done, total, `${part} patches ${done} of ${total}`);
      },
    });
  };
  const [training, validation] = [await load('train'), await load('validation')];
  const { batch_size: batchSize, balanced } = config.trainer;
  const epochOf = (epoch: number) =>
    batches(training, { batchSize, seed: config.seed, epoch, balanced, augmentation: config.augmentation });

  return {
    batchesPerEpoch: Math.ceil(training.labels.length / batchSize),
    trainingBatches: epochOf,
    validationBatches: () => inOrder(validation, batchSize),
    goldenPatches: goldenPatchesOf(validation),
  };
}

/** Every patch once; the last batch is filled up with empty patches, so that a compiling engine sees one shape. */
function* inOrder({ hu, labels, contract }: PatchSet, batchSize: number): Generator<Batch> {
  const voxels = voxelsOf(contract);
  for (let start = 0; start < labels.length; start += batchSize) {
    const x = new Float32Array(batchSize * voxels);
    x.set(hu.subarray(start * voxels, Math.min(start + batchSize, labels.length) * voxels));
    yield { x, y: labels.subarray(start, start + batchSize) };
  }
}

function goldenPatchesOf({ candidates, labels, hu, contract }: PatchSet): GoldenPatch[] {
  const voxels = voxelsOf(contract);
  const indices = [...labels.keys()];
  const ofClass = (label: number) => indices.filter((i) => labels[i] === label).slice(0, GOLDEN_PER_CLASS);
  return [...ofClass(1), ...ofClass(0)].map((i) => ({
    id: candidates[i]!.id,
    hu: hu.slice(i * voxels, (i + 1) * voxels),
  }));
}
