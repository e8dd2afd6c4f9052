import { decodePatch, readGoldenCases, type Bundle } from 'model-bundle';
import { validationError } from '../errors';
import type { ModelPool } from './model-pool';

/**
 * Runs the golden cases of the bundle again, one by one as an endpoint would.
 * `difference` is the largest absolute difference of a probability from the one in the bundle.
 *
 * @throws VALIDATION_NO_GOLDEN_CASES, VALIDATION_SCORE_NOT_FINITE, VALIDATION_SCORING_FAILED
 */
export async function replayGoldenCases(pool: ModelPool, bundle: Bundle): Promise<{ difference: number; n: number }> {
  const cases = await readGoldenCases(bundle);
  if (cases.length === 0) throw validationError('VALIDATION_NO_GOLDEN_CASES', { bundle: bundle.digest });
  const differences = await Promise.all(
    cases.map(async ({ patch, probabilities }, index) => {
      const found = await pool.probabilities(decodePatch(patch), 1);
      const difference = Math.max(...probabilities.map((expected, i) => Math.abs(found[i]! - expected)));
      if (!Number.isFinite(difference)) {
        throw validationError('VALIDATION_SCORE_NOT_FINITE', { index, score: found.join(', ') });
      }
      return difference;
    }),
  );
  return { difference: Math.max(...differences), n: cases.length };
}
