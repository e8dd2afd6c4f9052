import type { Voxels } from './volume';

/** Numbers as files hold them; 64-bit whole numbers come as float64. */
export type NumberArray =
  Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/**
 * The values × slope + intercept, computed in float64, as the first of int16, float32 and float64 that holds every one
 * of them exactly. Where nothing is rescaled, an array that is of that type already is returned as it is, not copied.
 * (−0 counts as 0; NaN needs a float.)
 */
export function exactVoxels(values: NumberArray, slope = 1, intercept = 0): Voxels {
  const plain = slope === 1 && intercept === 0;
  if (plain && values instanceof Int16Array) return values;
  const shorts = new Int16Array(values.length);
  if (rescaledExactly(values, slope, intercept, shorts)) return shorts;
  if (plain && values instanceof Float32Array) return values;
  const floats = new Float32Array(values.length);
  if (rescaledExactly(values, slope, intercept, floats)) return floats;
  if (plain && values instanceof Float64Array) return values;
  const doubles = new Float64Array(values.length);
  rescaledExactly(values, slope, intercept, doubles);
  return doubles;
}

/** Stops at the first value that `into` cannot hold. */
function rescaledExactly(values: NumberArray, slope: number, intercept: number, into: Voxels): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]! * slope + intercept;
    into[i] = value;
    if (into[i] !== value && !(Number.isNaN(value) && Number.isNaN(into[i]))) return false;
  }
  return true;
}
