import { number, readRows, text } from '../csv';
import type { Candidate } from '../manifest';
import { samplingError } from './errors';

/**
 * How wrong the model last was about each sample: 1 minus the probability that it gave the true class, from 0 (easy) to
 * 1; NaN where it is not known yet.
 */
export type Difficulty = Float32Array;

export function unknownDifficulty(samples: number): Difficulty {
  return new Float32Array(samples).fill(Number.NaN);
}

/** Enters what an epoch showed: `scores[i]` is the probability of the positive class that the sample `order[i]` got. */
export function learnDifficulty(
  before: Difficulty,
  labels: Uint8Array,
  order: Uint32Array,
  scores: readonly number[],
): Difficulty {
  const after = before.slice();
  scores.forEach((score, i) => {
    const index = order[i]!;
    after[index] = labels[index] === 1 ? 1 - score : score;
  });
  return after;
}

/**
 * Reads a table of scores (columns candidate and probability); candidates that it does not name stay unknown.
 *
 * @throws CodedError SAMPLING_SCORES_FOREIGN where it names none of the candidates, and those of reading a table.
 */
export async function readDifficulty(file: string, candidates: readonly Candidate[]): Promise<Difficulty> {
  const rows = await readRows<{ candidate: string; probability: number }>(file, {
    candidate: text,
    probability: number,
  });
  const probabilities = new Map(rows.map(({ candidate, probability }) => [candidate, probability]));
  const difficulty = Float32Array.from(candidates, ({ id, label }) => {
    const probability = probabilities.get(id) ?? Number.NaN;
    return label === 1 ? 1 - probability : probability;
  });
  if (difficulty.every(Number.isNaN)) throw samplingError('SAMPLING_SCORES_FOREIGN', { file, rows: rows.length });
  return difficulty;
}
