import { seededRandom } from 'seeded-random';
import { NO_REACH, type Perturbation } from './perturbation';

const NORMALS = 65536;
let table: Float32Array | undefined;

/** White noise: an independent normal number of this standard deviation (HU) for each voxel of the scan. */
export const noise: Perturbation = {
  reach: NO_REACH,
  apply(block, deviation, random) {
    const { hu } = block;
    const normals = (table ??= makeNormals());
    // xorshift32 (Marsaglia 2003): its upper 16 bits choose a number of the table.
    let state = random.integer(2 ** 32) | 1;
    for (let i = 0; i < hu.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      hu[i] = hu[i]! + deviation * normals[state >>> 16]!;
    }
    return block;
  },
};

/** Normal numbers of mean 0 and variance 1, exactly. */
function makeNormals(): Float32Array {
  const drawn = Float64Array.from({ length: NORMALS }, seededRandom('probe noise').normal);
  const mean = drawn.reduce((sum, value) => sum + value, 0) / NORMALS;
  const deviation = Math.sqrt(drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / NORMALS);
  return Float32Array.from(drawn, (value) => (value - mean) / deviation);
}
