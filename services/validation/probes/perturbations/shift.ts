import type { Block } from '../block';
import type { Perturbation } from './perturbation';

/**
 * Reads the scan so many of its voxels further along every axis, by linear interpolation: another grid over the same
 * chest. Half a voxel smooths most. The values are those of scipy.ndimage.shift with `order=1` and the sign turned.
 */
export const shift: Perturbation = {
  reach: (voxels) => {
    const reach = Math.ceil(Math.abs(voxels));
    return [reach, reach, reach];
  },
  apply: (block, voxels) => ([2, 1, 0] as const).reduce((moved, axis) => shiftAlong(moved, axis, voxels), block),
};

function shiftAlong(block: Block, axis: 0 | 1 | 2, voxels: number): Block {
  const { hu, size } = block;
  const stride = axis === 2 ? 1 : axis === 1 ? size[2] : size[1] * size[2];
  const result = new Float32Array(hu.length);
  for (let index = 0; index < size[axis]; index++) {
    const at = index + voxels;
    // Half a voxel beyond the outermost centres still belongs to the scan, and has their value.
    const beyond = at < -0.5 || at >= size[axis] - 0.5;
    const inside = Math.min(Math.max(at, 0), size[axis] - 1);
    const low = Math.floor(inside);
    const weight = beyond ? NaN : inside - low;
    const lower = (low - index) * stride;
    const higher = (Math.min(low + 1, size[axis] - 1) - index) * stride;
    for (let block = index * stride; block < hu.length; block += stride * size[axis]) {
      for (let i = block; i < block + stride; i++)
        result[i] = hu[i + lower]! + weight * (hu[i + higher]! - hu[i + lower]!);
    }
  }
  return { ...block, hu: result };
}
