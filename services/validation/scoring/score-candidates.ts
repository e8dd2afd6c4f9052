import type { Signature } from 'model-bundle';
import { loadPatches, voxelsOf, type Candidate, type Dataset } from '../../../datasets';
import { validationError } from '../errors';
import type { ModelPool } from './model-pool';

/** Patches a run; the same for every case, so that a score does not depend on how much else was scored. */
const BATCH_SIZE = 8;

/**
 * The probability of the positive label for every candidate, `[candidates.length]`, in their order. Patches are
 * read series by series, so that memory holds the patches of one scan and not of the whole holdout.
 *
 * @throws VALIDATION_SCORE_NOT_FINITE, VALIDATION_SCORE_NOT_PROBABILITY, VALIDATION_SCORING_FAILED, and the
 * errors of the dataset
 */
export async function scoreCandidates(
  pool: ModelPool,
  signature: Signature,
  dataset: Dataset,
  candidates: readonly Candidate[],
  onScored: (count: number) => void,
): Promise<Float64Array> {
  const contract = signature.preprocessing;
  const voxels = voxelsOf(contract);
  const scores = new Float64Array(candidates.length);
  for (const indices of indicesBySeries(candidates).values()) {
    const { hu } = await loadPatches(
      dataset,
      indices.map((i) => candidates[i]!),
      { contract },
    );
    const starts = Array.from({ length: Math.ceil(indices.length / BATCH_SIZE) }, (_, b) => b * BATCH_SIZE);
    await Promise.all(
      starts.map(async (start) => {
        const members = indices.slice(start, start + BATCH_SIZE);
        const patches = hu.slice(start * voxels, (start + members.length) * voxels);
        const probabilities = await pool.probabilities(patches, members.length);
        members.forEach((index, row) => {
          scores[index] = positiveProbability(probabilities, row, signature, index);
        });
        onScored(members.length);
      }),
    );
  }
  return scores;
}

/** Where the candidates of each scan stand, so that a scan is read once. */
export function indicesBySeries(candidates: readonly Candidate[]): Map<string, number[]> {
  const indicesOf = new Map<string, number[]>();
  for (const [index, { seriesUid }] of candidates.entries()) {
    const indices = indicesOf.get(seriesUid);
    if (indices) indices.push(index);
    else indicesOf.set(seriesUid, [index]);
  }
  return indicesOf;
}

/**
 * The probability of the positive label in one row of what the model answered; `index` is what an error calls the case.
 *
 * @throws VALIDATION_SCORE_NOT_FINITE, VALIDATION_SCORE_NOT_PROBABILITY
 */
export function positiveProbability(
  probabilities: Float32Array,
  row: number,
  { labels, positiveLabel }: Signature,
  index: number,
): number {
  const score = probabilities[row * labels.length + labels.indexOf(positiveLabel)]!;
  if (!Number.isFinite(score)) throw validationError('VALIDATION_SCORE_NOT_FINITE', { index, score });
  if (score < 0 || score > 1) throw validationError('VALIDATION_SCORE_NOT_PROBABILITY', { index, score });
  return score;
}
