import { type Random, seededRandom } from 'seeded-random';
import { type PatchContract, voxelsOf } from '../patches';
import type { Affine } from './affine';
import { loadKernels } from './kernels';

/** Varies patches of one size, a step a call. It keeps its working memory, so it is for one thread. */
export interface Resampler {
  /**
   * Samples a patch through an affine map: trilinear over eight voxels, the contract's padding beyond the patch (blended
   * with it over the voxel at its edge, as `grid_constant` of scipy.ndimage does).
   */
  resample: (source: Int16Array | Float32Array, affine: Affine) => void;
  /** Adds independent normal noise of so many HU to every voxel of the result. */
  addNoise: (deviation: number, random: Random) => void;
  /** HU of the result, to be read before the next call. */
  result: Float32Array;
}

/** Voxels of padding around the source. One is what trilinear taps reach; the other is room for rounding. */
const FRAME = 2;
/** Normal numbers that noise is drawn from: a draw costs a look-up instead of a logarithm and a cosine. */
const NORMALS = 65536;
/** Four voxels are written at once, so that the last may reach over three more. */
const SLACK = 4;

export function createResampler({ patchSize, padding }: Pick<PatchContract, 'patchSize' | 'padding'>): Resampler {
  const [slices, rows, columns] = patchSize;
  const voxels = voxelsOf({ patchSize });
  const framedColumns = columns + 2 * FRAME;
  const framedPlane = (rows + 2 * FRAME) * framedColumns;
  const framedVoxels = (slices + 2 * FRAME) * framedPlane;

  // Where things lie in the kernels' memory: the map in float64, all else in float32.
  const map = 0;
  const framed = map + 24;
  const unframed = framed + framedVoxels;
  const target = unframed + voxels + SLACK;
  const scratch = target + voxels + SLACK;
  const normals = scratch + columns + SLACK;
  const kernels = loadKernels(4 * (normals + NORMALS));
  const float32 = (from: number, length: number) => new Float32Array(kernels.memory.buffer, 4 * from, length);
  const staged = float32(unframed, voxels);
  const result = float32(target, voxels);
  const affineMap = new Float64Array(kernels.memory.buffer, 4 * map, 12);
  float32(framed, framedVoxels).fill(padding);
  let hasNormals = false;

  return {
    result,
    resample(source, affine) {
      staged.set(source);
      const middle = 4 * (framed + FRAME * (framedPlane + framedColumns + 1));
      kernels.surround(4 * unframed, middle, slices, rows, 4 * columns, 4 * framedColumns, 4 * framedPlane);
      result.fill(padding);
      affineMap.set(affine);
      kernels.resample(
        4 * framed,
        4 * target,
        4 * scratch,
        4 * map,
        slices,
        rows,
        columns,
        4 * framedColumns,
        4 * framedPlane,
        FRAME,
      );
    },
    addNoise(deviation, random) {
      if (!hasNormals) {
        float32(normals, NORMALS).set(Float32Array.from({ length: NORMALS }, seededRandom('noise').normal));
        hasNormals = true;
      }
      const seeds = [0, 0, 0, 0].map(() => random.integer(2 ** 32) | 1) as [number, number, number, number];
      kernels.addNoise(4 * target, voxels, 4 * normals, deviation, ...seeds);
    },
  };
}
