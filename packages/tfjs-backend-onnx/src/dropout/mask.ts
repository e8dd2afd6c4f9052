/**
 * The mask of a dropout as a pure function of its seed and the number of its call: every element's index is hashed
 * (multiplications and shifts with the constants of "lowbias32", C. Wellons, hash-prospector), two elements a hash.
 * Here in JavaScript, for other backends; `lowerings/dropout.ts` computes the same bits in the graph.
 */

/** A hash has 16 bits for an element, so that the probability of keeping one is a multiple of 1/65536. */
const STEPS = 65536;
export const MULTIPLIERS = [0x7feb352d, 0x846ca68b] as const;
export const SHIFTS = [16, 15, 16] as const;
/** 2³² / golden ratio, odd. */
export const GOLDEN = 0x9e3779b1;

export interface Keeping {
  /** An element is kept where its 16 bits are less. */
  threshold: number;
  /** What kept elements are multiplied with, so that the mean stays. */
  scale: number;
}

/** @param rate the share of elements to drop, in [0, 1) */
export function keepingOf(rate: number): Keeping {
  const threshold = Math.max(1, Math.round((1 - rate) * STEPS));
  return { threshold, scale: STEPS / threshold };
}

/** Mixes all bits of a 32-bit number into all others. */
export function mix(value: number): number {
  let h = value ^ (value >>> SHIFTS[0]);
  h = Math.imul(h, MULTIPLIERS[0]);
  h ^= h >>> SHIFTS[1];
  h = Math.imul(h, MULTIPLIERS[1]);
  return h ^ (h >>> SHIFTS[2]);
}

/** The two numbers that a mask depends on. */
export function keysOf(seed: number, call: number): [number, number] {
  const key = mix((mix(seed) + Math.imul(call, GOLDEN)) | 0);
  return [key, Math.imul(key, GOLDEN)];
}

/** 0 for a dropped element, the scale for a kept one. */
export function dropoutMask(seed: number, call: number, size: number, rate: number): Float32Array {
  const { threshold, scale } = keepingOf(rate);
  const [first, second] = keysOf(seed, call);
  const half = Math.ceil(size / 2);
  const mask = new Float32Array(2 * half);
  for (let i = 0; i < half; i++) {
    let h = Math.imul(i ^ first, MULTIPLIERS[0]);
    h = ((h ^ (h >>> SHIFTS[1])) + second) | 0;
    h = Math.imul(h, MULTIPLIERS[1]);
    h ^= h >>> SHIFTS[2];
    mask[i] = (h & (STEPS - 1)) < threshold ? scale : 0;
    mask[half + i] = h >>> 16 < threshold ? scale : 0;
  }
  return mask.subarray(0, size);
}
