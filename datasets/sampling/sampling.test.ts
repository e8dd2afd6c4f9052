import fc from 'fast-check';
import { epochOrder } from '.';

const labelLists = fc
  .array(fc.constantFrom(0, 1), { minLength: 2, maxLength: 60 })
  .map((labels) => Uint8Array.from([1, 0, ...labels]));
const options = fc.record({
  batchSize: fc.integer({ min: 1, max: 9 }),
  seed: fc.integer({ min: 0, max: 1000 }),
  epoch: fc.integer({ min: 0, max: 20 }),
});
const plain = { name: 'plain' } as const;
const balanced = { name: 'balanced' } as const;

describe('the order of an epoch', () => {
  test('is every sample once when not balanced', () => {
    fc.assert(
      fc.property(labelLists, options, (labels, given) => {
        const order = epochOrder(labels, { ...given, sampler: plain });
        expect([...order].sort((a, b) => a - b)).toEqual([...labels.keys()]);
      }),
    );
  });

  test('alternates the classes in whole batches when balanced', () => {
    fc.assert(
      fc.property(labelLists, options, (labels, given) => {
        const order = epochOrder(labels, { ...given, sampler: balanced });
        expect(Array.from(order, (index) => labels[index])).toEqual(Array.from(order, (_, i) => (i % 2 === 0 ? 1 : 0)));
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
          for (const index of epochOrder(labels, { batchSize, seed, epoch, sampler: balanced })) shown[index]!++;
        }
        for (const label of [0, 1]) {
          const counts = shown.filter((_, index) => labels[index] === label);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('is another in each epoch and for each seed, and always the same for both', () => {
    const labels = Uint8Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const orders = [
      [1, 0],
      [1, 1],
      [2, 0],
    ].flatMap(([seed = 0, epoch = 0]) =>
      [balanced, plain].map((sampler) => {
        const draw = () => epochOrder(labels, { batchSize: 4, seed, epoch, sampler }).join();
        expect(draw()).toBe(draw());
        return draw();
      }),
    );
    expect(new Set(orders).size).toBe(6);
  });

  test('cannot be balanced with one class only', () => {
    const act = () => epochOrder(Uint8Array.of(1, 1), { batchSize: 2, seed: 1, epoch: 0, sampler: balanced });
    expect(act).toThrow(expect.objectContaining({ code: 'SAMPLING_ONE_CLASS' }) as Error);
  });
});
