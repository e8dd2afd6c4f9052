import type { Irc } from '../../../../datasets';
import type { Block } from '../block';
import type { Perturbation } from './perturbation';

/** Standard deviations after which the Gaussian is cut off. */
const TRUNCATE = 3;

/**
 * Gaussian blur, sigma in millimetres along all three axes: a softer reconstruction. The values are those of
 * scipy.ndimage.gaussian_filter with `truncate=3, mode='nearest'`.
 */
export const blur: Perturbation = {
  reach: (sigma, spacing) => spacing.map((mm) => radiusOf(sigma / mm)) as unknown as Irc,
  apply(block, sigma) {
    // The innermost axis last: what it needs of the others has been made by then.
    const wide = block.spacing.map((mm) => gaussian(sigma / mm));
    const columns = { from: 0, to: block.size[2] };
    const { from, to } = block.core;
    const bySlice = alongPlanes(block, block.hu, wide[0]!, { from: from[0], to: to[0] });
    const byRow = alongRows(block, bySlice, wide[1]!, columns);
    return { ...block, hu: alongColumns(block, byRow, wide[2]!) };
  },
};

function radiusOf(sigmaVoxels: number): number {
  return Math.floor(TRUNCATE * sigmaVoxels + 0.5);
}

/** Weights at distance 0, 1, … of a Gaussian that sums to 1 over both sides. */
function gaussian(sigmaVoxels: number): Float64Array {
  const radius = radiusOf(sigmaVoxels);
  const weights = Float64Array.from({ length: radius + 1 }, (_, n) =>
    n === 0 ? 1 : Math.exp(-(n * n) / (2 * sigmaVoxels * sigmaVoxels)),
  );
  const total = weights.reduce((sum, weight, n) => sum + (n === 0 ? weight : 2 * weight), 0);
  return weights.map((weight) => weight / total);
}

function alongPlanes({ size }: Block, hu: Float32Array, weights: Float64Array, { from, to }: Span): Float32Array {
  const plane = size[1] * size[2];
  const result = new Float32Array(hu.length);
  for (let s = from; s < to; s++) blendLines(hu, result, s * plane, plane, weights, s, size[0], plane);
  return result;
}

function alongRows({ size, core }: Block, hu: Float32Array, weights: Float64Array, columns: Span): Float32Array {
  const result = new Float32Array(hu.length);
  for (let s = core.from[0]; s < core.to[0]; s++) {
    for (let r = core.from[1]; r < core.to[1]; r++) {
      blendLines(hu, result, (s * size[1] + r) * size[2], columns.to, weights, r, size[1], size[2]);
    }
  }
  return result;
}

interface Span {
  from: number;
  to: number;
}

/** A line (or plane) of the result: the weighted sum of the same line at each distance, `stride` apart. */
function blendLines(
  hu: Float32Array,
  result: Float32Array,
  start: number,
  length: number,
  weights: Float64Array,
  index: number,
  count: number,
  stride: number,
): void {
  const middle = weights[0]!;
  for (let i = start; i < start + length; i++) result[i] = middle * hu[i]!;
  for (let n = 1; n < weights.length; n++) {
    const weight = weights[n]!;
    // Beyond the block the outermost line goes on.
    const before = (Math.max(index - n, 0) - index) * stride;
    const behind = (Math.min(index + n, count - 1) - index) * stride;
    for (let i = start; i < start + length; i++) {
      result[i] = result[i]! + weight * (hu[i + before]! + hu[i + behind]!);
    }
  }
}

function alongColumns({ size, core }: Block, hu: Float32Array, weights: Float64Array): Float32Array {
  const result = new Float32Array(hu.length);
  const radius = weights.length - 1;
  const line = new Float32Array(size[2] + 2 * radius);
  for (let s = core.from[0]; s < core.to[0]; s++) {
    for (let r = core.from[1]; r < core.to[1]; r++) {
      const start = (s * size[1] + r) * size[2];
      line.set(hu.subarray(start, start + size[2]), radius);
      line.fill(hu[start]!, 0, radius);
      line.fill(hu[start + size[2] - 1]!, radius + size[2]);
      for (let c = core.from[2]; c < core.to[2]; c++) {
        let sum = weights[0]! * line[c + radius]!;
        for (let n = 1; n <= radius; n++) sum += weights[n]! * (line[c + radius - n]! + line[c + radius + n]!);
        result[start + c] = sum;
      }
    }
  }
  return result;
}
