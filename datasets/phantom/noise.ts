import type { Random } from 'seeded-random';

/** A block of noise that repeats without a seam along each of its sides, values of variance 1. */
export interface NoiseTile {
  values: Float32Array;
  /** Planes, and the side of a plane in values: a power of two, so that an index wraps by a mask. */
  planes: number;
  side: number;
}

/** White noise: the sum of the four bytes of a random word is near enough to normal once it is filtered. */
export function whiteTile(random: Random, planes: number, side: number): NoiseTile {
  const values = new Float32Array(planes * side * side);
  for (let i = 0; i < values.length; i++) {
    const word = random.uniform() * 2 ** 32;
    values[i] = (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24) - 510;
  }
  return { values, planes, side };
}

/** The tile smoothed by Gaussians, sigma in values: in the plane and across planes (0: not across). */
export function smoothed(tile: NoiseTile, inPlane: number, across: number): NoiseTile {
  const { planes, side } = tile;
  let values = convolve(tile.values, 1, side, inPlane);
  values = convolve(values, side, side, inPlane);
  if (across > 0) values = convolve(values, side * side, planes, across);
  return { values, planes, side };
}

/** `a − share·b`, scaled to mean 0 and variance 1. */
export function difference(a: NoiseTile, b: NoiseTile, share: number): NoiseTile {
  return standardised({ ...a, values: a.values.map((value, i) => value - share * b.values[i]!) });
}

export function standardised(tile: NoiseTile): NoiseTile {
  let sum = 0;
  let squares = 0;
  for (const value of tile.values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / tile.values.length;
  const deviation = Math.sqrt(squares / tile.values.length - mean * mean);
  return { ...tile, values: tile.values.map((value) => (value - mean) / deviation) };
}

/** Circular convolution with a Gaussian along one axis of a block: `stride` between neighbours, `count` of them. */
function convolve(values: Float32Array, stride: number, count: number, sigma: number): Float32Array {
  if (sigma < 0.2) return values;
  const reach = Math.min(count >> 1, Math.ceil(2.5 * sigma));
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)),
  );
  const total = kernel.reduce((sum, weight) => sum + weight, 0);
  const result = new Float32Array(values.length);
  const line = new Float32Array(count + 2 * reach); // one line with its ends wrapped around
  for (let block = 0; block < values.length; block += stride * count) {
    for (let start = block; start < block + stride; start++) {
      for (let n = 0; n < line.length; n++) line[n] = values[start + ((n - reach + count) % count) * stride]!;
      for (let n = 0; n < count; n++) {
        let sum = 0;
        for (let tap = 0; tap <= 2 * reach; tap++) sum += kernel[tap]! * line[n + tap]!;
        result[start + n * stride] = sum / total;
      }
    }
  }
  return result;
}
