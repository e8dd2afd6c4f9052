import { decodePatch, readGoldenCases, type Bundle } from 'model-bundle';
import { validationError } from '../errors';
import type { Figures } from '../figure';
import type { ModelPool } from './model-pool';

/**
 * Runs the golden cases of the bundle again, one by one as an endpoint would.
 *
 * @throws VALIDATION_NO_GOLDEN_CASES, VALIDATION_SCORE_NOT_FINITE, VALIDATION_SCORING_FAILED
 */
export async function replayGoldenCases(pool: ModelPool, bundle: Bundle): Promise<Figures> {
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
  return {
    goldenCaseDifference: {
      title: 'Largest difference in golden cases',
      value: Math.max(...differences),
      n: cases.length,
      of: 'golden cases',
      interval: null,
      definition: 'Largest absolute difference of a probability from the one that training wrote into the bundle.',
    },
  };
}
