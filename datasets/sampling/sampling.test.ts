import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Candidate } from '../manifest';
import {
  type OrderOptions,
  type SamplerConfig,
  epochOrder as orderOf,
  learnDifficulty,
  readDifficulty,
  unknownDifficulty,
} from '.';

const epochOrder = (labels: Uint8Array, given: OrderOptions, diametersMm = new Float32Array(labels.length)) =>
  orderOf({ labels, diametersMm }, given);

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

  test('shows as many samples as were asked for, and the next epochs go on with the rest', () => {
    fc.assert(
      fc.property(labelLists, options, fc.integer({ min: 1, max: 100 }), (labels, given, epochSamples) => {
        const row = [0, 1, 2].flatMap((epoch) => {
          const order = epochOrder(labels, { ...given, epochSamples, epoch, sampler: plain });
          expect(order).toHaveLength(epochSamples);
          return [...order];
        });
        const firstRound = row.slice(0, labels.length);
        expect(new Set(firstRound).size).toBe(firstRound.length);
        const balancedOrder = epochOrder(labels, { ...given, epochSamples, sampler: balanced });
        expect(balancedOrder).toHaveLength(Math.ceil(epochSamples / given.batchSize) * given.batchSize);
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

describe('hard negatives', () => {
  /** 10 positives, 90 negatives; the model is sure of all but every ninth negative. */
  const labels = Uint8Array.from({ length: 100 }, (_, i) => (i < 10 ? 1 : 0));
  const isHard = (index: number) => index >= 10 && index % 9 === 0;
  const difficulty = Float32Array.from(labels, (_label, index) => (isHard(index) ? 0.9 : 0.001));
  const sampler: SamplerConfig = { name: 'hard-negatives', share: 0.2, scores: null };
  const order = (changes: Partial<OrderOptions> = {}) =>
    epochOrder(labels, { sampler, batchSize: 10, seed: 3, epoch: 4, difficulty, ...changes });

  test('come among a balanced epoch\u2019s negatives as often as their share asks, each once', () => {
    const drawn = [...order()];
    expect(drawn.map((index) => labels[index])).toEqual(drawn.map((_, i) => (i % 2 === 0 ? 1 : 0)));
    const times = (index: number) => drawn.filter((other) => other === index).length;
    const hard = Array.from(labels.keys()).filter(isHard);
    expect(hard).toHaveLength(10);
    // Ten of fifty places go by difficulty; easy ones may take a place now and then.
    expect(hard.filter((index) => times(index) >= 1).length).toBeGreaterThanOrEqual(9);
    expect(Math.max(...hard.map(times))).toBeLessThanOrEqual(2);
  });

  test('are a pure function of seed, epoch and difficulty', () => {
    expect(order()).toEqual(order({ difficulty: difficulty.slice() }));
    expect(order()).not.toEqual(order({ epoch: 5 }));
    expect(order()).not.toEqual(order({ seed: 4 }));
    expect(order()).not.toEqual(order({ difficulty: difficulty.map((value) => 1 - value) }));
  });

  test('are unknown before the first epoch, which is then a balanced one', () => {
    const unknown = order({ epoch: 0, difficulty: unknownDifficulty(100) });
    expect(unknown).toEqual(order({ epoch: 0, sampler: balanced }));
  });

  test('are learnt from the scores of an epoch: how far from the truth each was', () => {
    const learnt = learnDifficulty(
      unknownDifficulty(4),
      Uint8Array.of(1, 0, 1, 0),
      Uint32Array.of(3, 0, 3),
      [0.2, 0.75, 0.25],
    );
    expect([...learnt]).toEqual([0.25, NaN, NaN, 0.25]);
  });

  test('can be known from a table of scores; one of other candidates is refused by name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'scores-'));
    const file = join(folder, 'scores.csv');
    const candidates = [
      { id: 'a-0', label: 1 },
      { id: 'a-1', label: 0 },
      { id: 'a-2', label: 0 },
    ] as Candidate[];
    await writeFile(file, 'candidate,label,probability\na-1,0,0.5\na-0,1,0.75\n');
    expect([...(await readDifficulty(file, candidates))]).toEqual([0.25, 0.5, NaN]);
    await writeFile(file, 'candidate,probability\nb-1,0.5\n');
    await expect(readDifficulty(file, candidates)).rejects.toMatchObject({ code: 'SAMPLING_SCORES_FOREIGN' });
    await rm(folder, { recursive: true });
  });
});

describe('a curriculum', () => {
  const labels = Uint8Array.from({ length: 40 }, (_, i) => (i < 10 ? 1 : 0));
  const diameters = Float32Array.from(labels, (_, i) => (i === 3 ? NaN : i + 4));
  const byDiameter: SamplerConfig = { name: 'curriculum', by: 'diameter', start: 0.3, epochs: 7, scores: null };
  const shown = (given: Partial<OrderOptions>) =>
    new Set(epochOrder(labels, { sampler: byDiameter, batchSize: 8, seed: 1, epoch: 0, ...given }, diameters));

  test('begins with the largest nodules and all else, and grows until all are shown', () => {
    const positives = (epoch: number) => [...shown({ epoch })].filter((index) => index < 10).sort((a, b) => a - b);
    expect(positives(0)).toEqual([7, 8, 9]);
    expect(positives(3)).toEqual([4, 5, 6, 7, 8, 9]);
    expect(positives(7)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(positives(30)).toEqual(positives(7));
    expect([...shown({ epoch: 0 })].filter((index) => index >= 10).length).toBeGreaterThanOrEqual(20);
  });

  test('by score begins with what the model gets right, of both classes', () => {
    const sampler: SamplerConfig = { ...byDiameter, by: 'score' };
    const difficulty = Float32Array.from(labels, (_, i) => (i % 10) / 10);
    const first = [...shown({ sampler, difficulty })].sort((a, b) => a - b);
    expect(first).toEqual([0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32].filter((i) => i < 10 || i % 10 < 3));
  });

  test('shows whole balanced batches, another order each epoch', () => {
    const order = (epoch: number) =>
      epochOrder(labels, { sampler: byDiameter, batchSize: 8, seed: 1, epoch }, diameters);
    expect(Array.from(order(0), (index) => labels[index])).toEqual(Array.from({ length: 40 }, (_, i) => 1 - (i % 2)));
    expect(order(9)).not.toEqual(order(10));
    expect(order(9)).toEqual(order(9));
  });
});
