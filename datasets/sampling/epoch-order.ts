import { seededRandom } from 'seeded-random';
import { samplingError } from './errors';
import type { SamplerConfig } from './sampler';

export interface OrderOptions {
  sampler: SamplerConfig;
  batchSize: number;
  seed: number;
  /** From 0. */
  epoch: number;
}

/**
 * Which samples an epoch shows, in order: a pure function of its arguments.
 *
 * Plain: every sample once. Balanced: as many samples as there are, rounded up to whole batches, alternating positives
 * and negatives. Each class is an endless row of reshuffled rounds that one epoch continues where the one before stopped,
 * so the rarer class repeats and of the other no sample comes a second time before all came once.
 *
 * @throws CodedError SAMPLING_ONE_CLASS
 */
export function epochOrder(labels: Uint8Array, { sampler, batchSize, seed, epoch }: OrderOptions): Uint32Array {
  const random = seededRandom(seed).fork('order');
  if (sampler.name === 'plain') return Uint32Array.from(random.fork(`epoch ${epoch}`).shuffle([...labels.keys()]));

  const { positives, negatives } = byClass(labels);
  const length = Math.ceil(labels.length / batchSize) * batchSize;
  const shares = [Math.ceil(length / 2), Math.floor(length / 2)] as const;
  const drawn = [
    stretch(positives, epoch * shares[0], shares[0], (round) => random.fork(`positives ${round}`).shuffle(positives)),
    stretch(negatives, epoch * shares[1], shares[1], (round) => random.fork(`negatives ${round}`).shuffle(negatives)),
  ] as const;
  return Uint32Array.from({ length }, (_, i) => drawn[i % 2 === 0 ? 0 : 1][i >> 1]!);
}

function byClass(labels: Uint8Array): { positives: number[]; negatives: number[] } {
  const all = Array.from(labels.keys());
  const positives = all.filter((index) => labels[index] === 1);
  const negatives = all.filter((index) => labels[index] !== 1);
  if (positives.length > 0 && negatives.length > 0) return { positives, negatives };
  throw samplingError('SAMPLING_ONE_CLASS', { positives: positives.length, negatives: negatives.length });
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
