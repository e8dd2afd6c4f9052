import { Tensor, type InferenceSession } from 'quiet-onnxruntime';
import { LUNA_PATCH, voxelsOf } from '../../patches';

const AT_ONCE = 32;

/** Probability of a nodule in each patch, `[32, 48, 48]` HU, after a model whose second class is the nodule. */
export async function scorePatches(session: InferenceSession, patches: readonly Float32Array[]): Promise<number[]> {
  const size = voxelsOf(LUNA_PATCH);
  const scores: number[] = [];
  for (let start = 0; start < patches.length; start += AT_ONCE) {
    const part = patches.slice(start, start + AT_ONCE);
    const batch = new Float32Array(part.length * size);
    part.forEach((patch, i) => {
      batch.set(patch, i * size);
    });
    const { probabilities } = await session.run({
      [session.inputNames[0]!]: new Tensor('float32', batch, [part.length, 1, ...LUNA_PATCH.patchSize]),
    });
    const values = probabilities!.data as Float32Array;
    scores.push(...part.map((_, i) => values[2 * i + 1]!));
  }
  return scores;
}

/** Probability that a positive scores above a negative, ties counted half (Mann and Whitney). */
export function areaUnderCurve(positive: readonly number[], negative: readonly number[]): number {
  let wins = 0;
  for (const p of positive) for (const n of negative) wins += p > n ? 1 : p === n ? 0.5 : 0;
  return wins / (positive.length * negative.length);
}

export function quantile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? NaN;
}

/** The smallest threshold that leaves at least this share of the negatives below it. */
export function thresholdAtSpecificity(negatives: readonly number[], specificity: number): number {
  const sorted = [...negatives].sort((a, b) => a - b);
  const last = sorted[Math.min(sorted.length, Math.ceil(specificity * sorted.length)) - 1] ?? NaN;
  return last + Number.EPSILON;
}
