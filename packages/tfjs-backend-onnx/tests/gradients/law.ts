/** What a differentiable kernel owes: the values and gradients that tfjs-cpu gives, for any shape and setting it takes. */
import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of TF.js's kernels.
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { seededRandom } from 'seeded-random';

// tfjs-cpu would advertise another backend.
tf.enableProdMode();

export type Shape = readonly number[];
export type Compute = (...inputs: tf.Tensor[]) => tf.Tensor;

/** One call of a kernel: what it is given and how it is called. */
export interface Trial {
  shapes: readonly Shape[];
  compute: Compute;
  /** False where TF.js itself has no gradient. Default true. */
  hasGradients?: boolean;
  /** What tfjs-cpu is asked instead, where its own kernel is wrong. */
  reference?: Compute;
}

export interface LawOptions {
  /** Inputs are uniform between these. Default -2 to 2. */
  range?: readonly [number, number];
  /** Of the largest value of each tensor. Default 1e-5: a few hundred roundings of float32. */
  tolerance?: number;
}

export interface Law {
  name: string;
  /** Rejects with the smallest counterexample found. */
  holds: (numRuns: number, seed: number) => Promise<void>;
}

/** A law about a kernel: `given` makes settings, `trial` says which call they mean. */
export function law<Given>(
  name: string,
  given: fc.Arbitrary<Given>,
  trial: (given: Given) => Trial,
  options: LawOptions = {},
): Law {
  const property = fc.asyncProperty(given, anySeed, async (settings, seed) => {
    const { shapes, compute, hasGradients = true, reference = compute } = trial(settings);
    const inputs = randomInputs(shapes, seed, options.range ?? [-2, 2]);
    const expected = await outcomeOn('cpu', reference, inputs, hasGradients);
    const actual = await outcomeOn('onnx', compute, inputs, hasGradients);
    expectEqual(actual, expected, options.tolerance ?? 1e-5);
  });
  return { name, holds: (numRuns, seed) => fc.assert(property, { numRuns, seed }) };
}

export interface NumberArray {
  shape: Shape;
  values: Float32Array;
}

export interface Outcome {
  shape: number[];
  dtype: string;
  values: Float32Array;
  /** By each input. */
  gradients: Float32Array[];
}

export function randomInputs(shapes: readonly Shape[], seed: number, [low, high]: readonly [number, number]) {
  const random = seededRandom(seed);
  return shapes.map((shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return { shape, values: Float32Array.from({ length: size }, () => low + (high - low) * random.uniform()) };
  });
}

/** Uneven, but the same everywhere. */
const uneven = (i: number): number => Math.sin(1 + i * 2.4);

/** Values on one backend, and gradients against an outer gradient of which `outerValue` says the i-th number. */
export async function outcomeOn(
  backend: string,
  compute: Compute,
  inputs: readonly NumberArray[],
  withGradients: boolean,
  outerValue = uneven,
): Promise<Outcome> {
  await tf.setBackend(backend);
  const { output, gradients } = tf.tidy(() => {
    const given = inputs.map(({ shape, values }) => tf.tensor(values, [...shape]));
    const result = compute(...given);
    if (!withGradients) return { output: result, gradients: [] };
    const size = result.size;
    const outer = tf.tensor(
      Float32Array.from({ length: size }, (_, i) => outerValue(i)),
      result.shape,
    );
    return { output: result, gradients: tf.grads(compute)(given, outer) };
  });
  const outcome = {
    shape: output.shape as number[],
    dtype: output.dtype,
    values: Float32Array.from(await output.data()),
    gradients: await Promise.all(gradients.map(async (gradient) => Float32Array.from(await gradient.data()))),
  };
  tf.dispose([output, ...gradients]);
  return outcome;
}

/** Fails unless shapes and dtypes are the same, and values and gradients within `tolerance` of the largest. */
export function expectEqual(actual: Outcome, expected: Outcome, tolerance: number): void {
  expect([actual.shape, actual.dtype]).toEqual([expected.shape, expected.dtype]);
  const differences = [
    difference(actual.values, expected.values),
    ...actual.gradients.map((gradient, i) => difference(gradient, expected.gradients[i]!)),
  ];
  // The output first, then each input's gradient.
  if (!differences.every((d) => d <= tolerance)) expect(differences).toEqual(differences.map(() => `≤ ${tolerance}`));
}

/** The largest difference of two arrays in parts of the largest value; NaN and infinities must stand at the same places. */
export function difference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Infinity;
  let [worst, largest] = [0, 1e-6];
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    if (Number.isFinite(e)) largest = Math.max(largest, Math.abs(e));
    if (a === e || (Number.isNaN(a) && Number.isNaN(e))) continue;
    const d = Math.abs(a - e);
    worst = Number.isNaN(d) ? Infinity : Math.max(worst, d);
  }
  return worst / largest;
}

export const anySeed = fc.integer({ min: 0, max: 1e6 });
export const upTo = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });
export const anyShape = fc.array(upTo(4), { minLength: 1, maxLength: 4 });
export const sizes = (count: number, max: number, min = 1): fc.Arbitrary<number[]> =>
  fc.array(upTo(max, min), { minLength: count, maxLength: count });
