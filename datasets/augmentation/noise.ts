import { type Random, seededRandom } from 'seeded-random';

/** 65,536 normal numbers that noise is drawn from: a draw costs a look-up instead of a logarithm and a cosine. */
let normals: Float32Array | undefined;

/** Adds independent normal noise to every voxel. */
export function addNoise(patch: Float32Array, deviation: number, random: Random): void {
  const table = (normals ??= Float32Array.from({ length: 65536 }, seededRandom('noise').normal));
  // Marsaglia's xorshift32 in place: a call for each voxel would take longer than the resampling.
  let word = random.integer(2 ** 32) | 1;
  for (let i = 0; i < patch.length; i++) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    patch[i] = patch[i]! + deviation * table[word >>> 16]!;
  }
}
