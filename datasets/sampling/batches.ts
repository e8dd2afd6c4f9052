import { seededRandom } from 'seeded-random';
import { type AugmentationConfig, augmentPatch } from '../augmentation';
import { type PatchSet, voxelsOf } from '../patches';
import { type OrderOptions, epochOrder } from './epoch-order';

export interface BatchOptions extends OrderOptions {
  /** null leaves the patches as they are. */
  augmentation: AugmentationConfig | null;
}

export interface Batch {
  /** `[B, slices, rows, columns]` HU; the memory is the caller's. */
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
  { labels, hu, contract }: Pick<PatchSet, 'labels' | 'hu' | 'contract'>,
  { augmentation, ...options }: BatchOptions,
): Generator<Batch, void, undefined> {
  const voxels = voxelsOf(contract);
  const order = epochOrder(labels, options);
  const stream = seededRandom(options.seed).fork('augmentation').fork(`epoch ${options.epoch}`);
  for (let start = 0; start < order.length; start += options.batchSize) {
    const indices = order.slice(start, start + options.batchSize);
    const x = new Float32Array(indices.length * voxels);
    indices.forEach((index, i) => {
      const source = hu.subarray(index * voxels, (index + 1) * voxels);
      const target = x.subarray(i * voxels, (i + 1) * voxels);
      if (augmentation) augmentPatch(source, target, augmentation, stream.fork(`sample ${start + i}`));
      else target.set(source);
    });
    yield { x, y: Uint8Array.from(indices, (index) => labels[index]!), indices };
  }
}
