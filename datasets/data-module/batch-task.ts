import { type Random, seededRandom } from 'seeded-random';
import type { AugmentationConfig, Augmenter } from '../augmentation';
import type { PatchReader } from '../patch-cache';
import type { Part } from '../split';

/** What one batch is made of; from it any thread makes the same bits. */
export interface BatchTask {
  /** Which of the parts, and the places in it of the patches. */
  part: Part;
  indices: Uint32Array;
  /** Patches of the batch; those beyond `indices` are empty. */
  rows: number;
  /** null leaves the patches as they are. */
  augmentation: { config: AugmentationConfig; seed: number; epoch: number; firstSample: number } | null;
}

/** Fills `x`, `[rows, slices, rows, columns]` float32 HU. A sample's augmentation depends on its place in the epoch only. */
export function fillBatch(x: Float32Array, task: BatchTask, reader: PatchReader, augment: Augmenter | undefined): void {
  const { indices, rows } = task;
  const voxels = x.length / rows;
  const randomOf = randomOfSample(task);
  indices.forEach((index, row) => {
    const source = reader.patch(index);
    const target = x.subarray(row * voxels, (row + 1) * voxels);
    if (augment && randomOf) augment(source, target, randomOf(row));
    else target.set(source);
  });
  x.fill(0, indices.length * voxels);
}

function randomOfSample({ augmentation }: BatchTask): ((row: number) => Random) | undefined {
  if (!augmentation) return undefined;
  const { seed, epoch, firstSample } = augmentation;
  const stream = seededRandom(seed).fork('augmentation').fork(`epoch ${epoch}`);
  return (row) => stream.fork(`sample ${firstSample + row}`);
}
