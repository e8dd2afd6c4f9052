import type { ModelPool } from './model-pool';

/**
 * The probabilities of patches that stand in memory one after the other, `[count × labels]`, asked `batch` at a time.
 *
 * @throws VALIDATION_SCORING_FAILED
 */
export async function askInBatches(
  pool: ModelPool,
  hu: Int16Array,
  { count, batch }: { count: number; batch: number },
): Promise<Float32Array> {
  const voxels = hu.length / count;
  const starts = Array.from({ length: Math.ceil(count / batch) }, (_, b) => b * batch);
  const answers = await Promise.all(
    starts.map((start) => {
      const rows = Math.min(batch, count - start);
      return pool.probabilities(hu.slice(start * voxels, (start + rows) * voxels), rows);
    }),
  );
  return Float32Array.from(answers.flatMap((probabilities) => [...probabilities]));
}
