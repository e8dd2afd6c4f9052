import type { Voxels } from './volume';

/** Numbers as files hold them; 64-bit whole numbers come as float64. */
export type NumberArray =
  Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/**
 * The same values as the first of int16, float32 and float64 that holds every one of them exactly.
 * An array that is of that type already is returned as it is, not copied. (−0 counts as 0; NaN needs a float.)
 */
export function exactVoxels(values: NumberArray): Voxels {
  if (values instanceof Int16Array) return values;
  const shorts = new Int16Array(values.length);
  if (copiedExactly(values, shorts)) return shorts;
  if (values instanceof Float32Array) return values;
  const floats = new Float32Array(values.length);
  if (copiedExactly(values, floats)) return floats;
  return values instanceof Float64Array ? values : new Float64Array(values);
}

/** Copies until a value does not fit. */
function copiedExactly(values: NumberArray, into: Voxels): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    into[i] = value;
    if (into[i] !== value && !(Number.isNaN(value) && Number.isNaN(into[i]))) return false;
  }
  return true;
}
