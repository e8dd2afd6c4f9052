import fc from 'fast-check';
import type { AugmentationConfig } from '../augmentation';
import { LUNA_PATCH, voxelsOf } from '../patches';
import { epochOrder } from './epoch-order';
import { type BatchOptions, batches } from '.';

const VOXELS = voxelsOf(LUNA_PATCH);
const labelLists = fc
  .array(fc.constantFrom(0, 1), { minLength: 2, maxLength: 60 })
  .map((labels) => Uint8Array.from([1, 0, ...labels]));
const options = fc.record({
  batchSize: fc.integer({ min: 1, max: 9 }),
  seed: fc.integer({ min: 0, max: 1000 }),
  epoch: fc.integer({ min: 0, max: 20 }),
});
const patchSet = (count: number) => {
  const hu = new Int16Array(count * VOXELS);
  for (let i = 0; i < hu.length; i++) hu[i] = (i >> 16) * 10 - (i % 5);
  return { contract: LUNA_PATCH, labels: Uint8Array.from({ length: count }, (_, i) => (i % 4 === 0 ? 1 : 0)), hu };
};
const plain: BatchOptions = { batchSize: 4, seed: 1, epoch: 0, balanced: false, augmentation: null };
const varied: AugmentationConfig = { flip: true, shift: 0.1, scale: 0.2, rotate: true, noise: 25 };

describe('the order of an epoch', () => {
  test('is every sample once when not balanced', () => {
    fc.assert(
      fc.property(labelLists, options, (labels, given) => {
        const order = epochOrder(labels, { ...given, balanced: false });
        expect(order.toSorted((a, b) => a - b)).toEqual([...labels.keys()]);
      }),
    );
  });

  test('alternates the classes in whole batches when balanced', () => {
    fc.assert(
      fc.property(labelLists, options, (labels, given) => {
        const order = epochOrder(labels, { ...given, balanced: true });
        expect(order.map((index) => labels[index])).toEqual(order.map((_, i) => (i % 2 === 0 ? 1 : 0)));
        expect(order.length % given.batchSize).toBe(0);
        expect(order.length).toBeGreaterThanOrEqual(labels.length);
        expect(order.length).toBeLessThan(labels.length + given.batchSize);
      }),
    );
  });

  test('shows every sample of a class equally often over the epochs, give or take one', () => {
    fc.assert(
      fc.property(labelLists, options, (labels, { batchSize, seed }) => {
        const shown = new Array<number>(labels.length).fill(0);
        for (let epoch = 0; epoch < 8; epoch++) {
          for (const index of epochOrder(labels, { batchSize, seed, epoch, balanced: true })) shown[index]!++;
        }
        for (const label of [0, 1]) {
          const counts = shown.filter((_, index) => labels[index] === label);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('is another in each epoch and for each seed, and always the same for both', () => {
    const labels = patchSet(40).labels;
    const orders = [
      [1, 0],
      [1, 1],
      [2, 0],
    ].flatMap(([seed = 0, epoch = 0]) =>
      [true, false].map((balanced) => {
        const draw = () => epochOrder(labels, { batchSize: 4, seed, epoch, balanced }).join();
        expect(draw()).toBe(draw());
        return draw();
      }),
    );
    expect(new Set(orders).size).toBe(6);
  });

  test('cannot be balanced with one class only', () => {
    const act = () => epochOrder(Uint8Array.of(1, 1), { batchSize: 2, seed: 1, epoch: 0, balanced: true });
    expect(act).toThrow(expect.objectContaining({ code: 'SAMPLING_ONE_CLASS' }) as Error);
  });
});

describe('batches', () => {
  test('hold the patches and labels of their indices; a last one that is not full is kept', () => {
    const set = patchSet(10);
    const all = [...batches(set, plain)];
    expect(all.map(({ indices }) => indices.length)).toEqual([4, 4, 2]);
    for (const { x, y, indices } of all) {
      expect(x).toHaveLength(indices.length * VOXELS);
      indices.forEach((index, i) => {
        expect(y[i]).toBe(set.labels[index]);
        expect(x.subarray(i * VOXELS, i * VOXELS + 9)).toEqual(
          Float32Array.from(set.hu.subarray(index * VOXELS, index * VOXELS + 9)),
        );
      });
    }
  });

  test('are all full, half of each class, when balanced', () => {
    const all = [...batches(patchSet(10), { ...plain, balanced: true })];
    expect(all.map(({ y }) => [...y])).toEqual([
      [1, 0, 1, 0],
      [1, 0, 1, 0],
      [1, 0, 1, 0],
    ]);
  });

  test('are augmented the same for the same seed and epoch, whatever the batch size, and otherwise differently', () => {
    const set = patchSet(6);
    const epochOf = (given: Partial<BatchOptions>) =>
      Buffer.concat(
        [...batches(set, { ...plain, augmentation: varied, ...given })].map(({ x }) => Buffer.from(x.buffer)),
      );
    const first = epochOf({});
    expect(epochOf({}).equals(first)).toBe(true);
    expect(epochOf({ batchSize: 3 }).equals(first)).toBe(true);
    expect(epochOf({ epoch: 1 }).equals(first)).toBe(false);
    expect(epochOf({ seed: 2 }).equals(first)).toBe(false);
    expect(epochOf({ augmentation: null }).equals(first)).toBe(false);
  });

  test('leave the patches themselves as they are', () => {
    const set = patchSet(3);
    const before = set.hu.slice();
    for (const { x } of batches(set, { ...plain, augmentation: varied })) x.fill(0);
    expect(Buffer.from(set.hu.buffer).equals(Buffer.from(before.buffer))).toBe(true);
  });
});
