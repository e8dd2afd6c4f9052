import { seededRandom } from 'seeded-random';
import { samplingError } from './errors';

export interface OrderOptions {
  batchSize: number;
  seed: number;
  /** From 0. */
  epoch: number;
  /** Nodule, non-nodule, nodule, … whatever their shares in the data. */
  balanced: boolean;
}

/**
 * Which samples an epoch shows, in order: a pure function of its arguments.
 *
 * Not balanced: every sample once. Balanced: as many samples as there are, rounded up to whole batches, alternating
 * nodule and non-nodule. Each class is an endless row of reshuffled rounds that one epoch continues where the one before
 * stopped, so the rarer class repeats and of the other no sample comes a second time before all came once.
 *
 * @throws CodedError SAMPLING_ONE_CLASS
 */
export function epochOrder(labels: Uint8Array, { batchSize, seed, epoch, balanced }: OrderOptions): number[] {
  const random = seededRandom(seed).fork('order');
  const all = Array.from(labels.keys());
  if (!balanced) return random.fork(`epoch ${epoch}`).shuffle(all);

  const nodules = all.filter((index) => labels[index] === 1);
  const nonNodules = all.filter((index) => labels[index] !== 1);
  if (nodules.length === 0 || nonNodules.length === 0) {
    throw samplingError('SAMPLING_ONE_CLASS', { nodules: nodules.length, nonNodules: nonNodules.length });
  }
  const length = Math.ceil(labels.length / batchSize) * batchSize;
  const shares = [Math.ceil(length / 2), Math.floor(length / 2)] as const;
  const drawn = [
    stretch(nodules, epoch * shares[0], shares[0], (round) => random.fork(`nodules ${round}`).shuffle(nodules)),
    stretch(nonNodules, epoch * shares[1], shares[1], (round) =>
      random.fork(`non-nodules ${round}`).shuffle(nonNodules),
    ),
  ] as const;
  return Array.from({ length }, (_, i) => drawn[i % 2 === 0 ? 0 : 1][i >> 1]!);
}

/** `count` items from place `start` of the endless row that the rounds make one after the other. */
function stretch(
  items: readonly number[],
  start: number,
  count: number,
  shuffled: (round: number) => number[],
): number[] {
  const first = Math.floor(start / items.length);
  const last = Math.floor((start + count - 1) / items.length);
  const rounds = Array.from({ length: last - first + 1 }, (_, i) => shuffled(first + i)).flat();
  return rounds.slice(start - first * items.length, start - first * items.length + count);
}
