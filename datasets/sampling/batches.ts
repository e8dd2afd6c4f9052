import { seededRandom } from 'seeded-random';
import { type AugmentationConfig, augmentPatch } from '../augmentation';
import { PATCH_VOXELS, type PatchSet } from '../patches';
import { type OrderOptions, epochOrder } from './epoch-order';

export interface BatchOptions extends OrderOptions {
  /** null leaves the patches as they are. */
  augmentation: AugmentationConfig | null;
}

export interface Batch {
  /** `[B, 32, 48, 48]` HU; the memory is the caller's. */
  x: Float32Array;
  /** 1: a nodule. */
  y: Uint8Array;
  /** Places in the patch set. */
  indices: number[];
}

/**
 * The batches of one epoch. Order and augmentation are a pure function of seed and epoch; a sample's augmentation depends
 * on its place in the epoch, not on the batch size. Balanced batches are all full; otherwise the last one may be smaller.
 *
 * ```ts
 * for (const { x, y } of batches(patches, { batchSize: 16, seed: 1, epoch: 0, balanced: true, augmentation: null })) …
 * ```
 */
export function* batches(
  { labels, hu }: Pick<PatchSet, 'labels' | 'hu'>,
  { augmentation, ...options }: BatchOptions,
): Generator<Batch, void, undefined> {
  const order = epochOrder(labels, options);
  const stream = seededRandom(options.seed).fork('augmentation').fork(`epoch ${options.epoch}`);
  for (let start = 0; start < order.length; start += options.batchSize) {
    const indices = order.slice(start, start + options.batchSize);
    const x = new Float32Array(indices.length * PATCH_VOXELS);
    indices.forEach((index, i) => {
      const source = hu.subarray(index * PATCH_VOXELS, (index + 1) * PATCH_VOXELS);
      const target = x.subarray(i * PATCH_VOXELS, (i + 1) * PATCH_VOXELS);
      if (augmentation) augmentPatch(source, target, augmentation, stream.fork(`sample ${start + i}`));
      else target.set(source);
    });
    yield { x, y: Uint8Array.from(indices, (index) => labels[index]!), indices };
  }
}
