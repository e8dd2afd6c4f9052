import { type Random, seededRandom } from 'seeded-random';
import type { Difficulty } from './difficulty';
import { samplingError } from './errors';
import type { CurriculumSampler, HardNegativesSampler, SamplerConfig } from './sampler';

/** What is known of the samples before training. */
export interface Samples {
  labels: Uint8Array;
  /** Of the positives, millimetres; NaN where it is not known. */
  diametersMm: Float32Array;
}

export interface OrderOptions {
  sampler: SamplerConfig;
  batchSize: number;
  /** Samples an epoch shows; null as many as there are. */
  epochSamples?: number | null;
  seed: number;
  /** From 0. */
  epoch: number;
  /** As it stood when the epoch began; for samplers that learn from scores. */
  difficulty?: Difficulty | null;
}

/**
 * Which samples an epoch shows, in order: a pure function of its arguments.
 *
 * Plain: every sample once; where an epoch is to show another number than that, it continues where the one before stopped.
 * All others: as many samples as there are or were asked for, rounded up to whole batches, alternating positives and
 * negatives. In a balanced epoch each class is an endless row of reshuffled rounds that one epoch continues where the
 * one before stopped, so the rarer class repeats and of the other no sample comes a second time before all came once.
 *
 * @throws CodedError SAMPLING_ONE_CLASS
 */
export function epochOrder(samples: Samples, options: OrderOptions): Uint32Array {
  const { sampler, batchSize, seed, epoch } = options;
  const random = seededRandom(seed).fork('order');
  const all = Array.from(samples.labels.keys());
  const shownSamples = options.epochSamples ?? all.length;
  if (sampler.name === 'plain') {
    const round = (number: number) => random.fork(`epoch ${number}`).shuffle(all);
    return Uint32Array.from(stretch(all, epoch * shownSamples, shownSamples, round));
  }

  const length = Math.ceil(shownSamples / batchSize) * batchSize;
  const count = { positives: Math.ceil(length / 2), negatives: Math.floor(length / 2) };
  const { positives, negatives } = byClass(samples.labels);
  const inTurn = (drawn: Record<keyof typeof count, number[]>) =>
    Uint32Array.from({ length }, (_, i) => (i % 2 === 0 ? drawn.positives : drawn.negatives)[i >> 1]!);
  const rounds = (name: keyof typeof count, items: number[], take: number) =>
    stretch(items, epoch * take, take, (round) => random.fork(`${name} ${round}`).shuffle(items));

  if (sampler.name === 'curriculum') {
    const shown = easiest({ positives, negatives }, samples, sampler, options);
    const draw = (name: keyof typeof count) =>
      stretch(shown[name], 0, count[name], (round) =>
        random.fork(`epoch ${epoch} ${name} ${round}`).shuffle(shown[name]),
      );
    return inTurn({ positives: draw('positives'), negatives: draw('negatives') });
  }
  const hard =
    sampler.name === 'hard-negatives'
      ? hardest(negatives, count.negatives, sampler, options.difficulty, random.fork(`hard ${epoch}`))
      : [];
  const others = rounds('negatives', negatives, count.negatives - hard.length);
  return inTurn({
    positives: rounds('positives', positives, count.positives),
    negatives: hard.length === 0 ? others : random.fork(`mixed ${epoch}`).shuffle([...hard, ...others]),
  });
}

/**
 * Draws negatives without replacement, each with a weight of how wrong the model was (Efraimidis and Spirakis, "Weighted
 * random sampling with a reservoir", 2006: the largest of u^(1/w)). Those that are not known yet are not drawn.
 */
function hardest(
  negatives: readonly number[],
  count: number,
  { share }: HardNegativesSampler,
  difficulty: Difficulty | null | undefined,
  random: Random,
): number[] {
  const keys = negatives.flatMap((index) => {
    const weight = difficulty?.[index] ?? Number.NaN;
    // A draw for each, known or not, so that what becomes known does not change the others.
    const draw = random.uniform();
    return weight > 0 ? [{ index, key: Math.log(1 - draw) / weight }] : [];
  });
  const drawn = keys.sort((a, b) => b.key - a.key || a.index - b.index).slice(0, Math.floor(share * count));
  return drawn.map(({ index }) => index);
}

/** The part of each class that an epoch of a curriculum shows, one sample at least. */
function easiest(
  { positives, negatives }: Record<'positives' | 'negatives', number[]>,
  { diametersMm }: Samples,
  { by, start, epochs }: CurriculumSampler,
  { epoch, difficulty }: OrderOptions,
): Record<'positives' | 'negatives', number[]> {
  const part = Math.min(1, start + ((1 - start) * epoch) / epochs);
  const take = (items: number[], effort: (index: number) => number) => {
    const sorted = items.toSorted((a, b) => effort(a) - effort(b) || a - b);
    return sorted.slice(0, Math.max(1, Math.ceil(part * items.length)));
  };
  if (by === 'diameter') {
    const smallness = (index: number) => -known(diametersMm[index], 0);
    return { positives: take(positives, smallness), negatives };
  }
  // What was not shown yet counts as neither easy nor hard.
  const wrongness = (index: number) => known(difficulty?.[index], 0.5);
  return { positives: take(positives, wrongness), negatives: take(negatives, wrongness) };
}

function known(value: number | undefined, otherwise: number): number {
  return value === undefined || Number.isNaN(value) ? otherwise : value;
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
  if (count === 0) return [];
  const first = Math.floor(start / items.length);
  const last = Math.floor((start + count - 1) / items.length);
  const rounds = Array.from({ length: last - first + 1 }, (_, i) => shuffled(first + i)).flat();
  return rounds.slice(start - first * items.length, start - first * items.length + count);
}
