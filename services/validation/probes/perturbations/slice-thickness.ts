import type { Block } from '../block';
import type { Perturbation } from './perturbation';

/**
 * Slices so many millimetres thick and as far apart, each the mean of the scan over its thickness, read again at the
 * scan's own slices by linear interpolation. A scan whose slices are as thick already stays as it is. Where the first
 * slab begins is drawn for each case: whether a nodule is cut in two is chance.
 *
 * A voxel counts as constant over its own thickness, so that no HU are lost: slabs are differences of the running sum.
 * The slice profile of a real scanner is rounder than this box.
 */
export const sliceThickness: Perturbation = {
  reach: (thickness, [between]) => (thickness <= between ? [0, 0, 0] : [Math.ceil((2 * thickness) / between), 0, 0]),
  apply(block, thickness, random) {
    const phase = random.uniform();
    const slab = thickness / block.spacing[0];
    return slab <= 1 ? block : { ...block, hu: throughSlabs(block, slab, phase) };
  },
};

/** `slab`: slices a slab; `phase`: where in its slab the candidate lies, 0 to 1. */
function throughSlabs({ hu, size, place, core }: Block, slab: number, phase: number): Float32Array {
  const [slices, rows, columns] = size;
  const plane = rows * columns;
  // Edges in slices, 0 at the front of the first slice; the candidate's slice has its middle at place + ½.
  const edge = place[0] + 0.5 - phase * slab;
  const first = -Math.ceil(edge / slab);
  const count = Math.ceil((slices - edge) / slab) - first;
  const slabs = new Float32Array(count * plane);
  for (let k = 0; k < count; k++) {
    const from = Math.max(0, edge + (first + k) * slab);
    const to = Math.min(slices, edge + (first + k + 1) * slab);
    addMean(hu, plane, from, to, slabs.subarray(k * plane, (k + 1) * plane));
  }
  const result = new Float32Array(hu.length);
  for (let s = core.from[0]; s < core.to[0]; s++) {
    const at = Math.min(Math.max((s + 0.5 - edge) / slab - 0.5 - first, 0), count - 1);
    const low = Math.floor(at);
    const high = Math.min(low + 1, count - 1);
    const weight = at - low;
    for (let i = 0; i < plane; i++) {
      const below = slabs[low * plane + i]!;
      result[s * plane + i] = below + weight * (slabs[high * plane + i]! - below);
    }
  }
  return result;
}

/** The mean of the planes between two edges. */
function addMean(hu: Float32Array, plane: number, from: number, to: number, mean: Float32Array): void {
  for (let s = Math.floor(from); s < to; s++) {
    const share = (Math.min(s + 1, to) - Math.max(s, from)) / (to - from);
    for (let i = 0; i < plane; i++) mean[i] = mean[i]! + share * hu[s * plane + i]!;
  }
}
