import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of TF.js's kernels.
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { seededRandom } from 'seeded-random';

export type Compute = (...inputs: tf.Tensor[]) => tf.Tensor;

export interface Given {
  shapes: readonly (readonly number[])[];
  seed: number;
  /** Values are uniform between these. */
  range?: readonly [number, number];
}

interface Outcome {
  shape: number[];
  dtype: string;
  values: number[];
  gradients: number[][];
}

/** Runs `compute` on one backend, and its gradients against random outer gradients where asked for. */
async function runOn(backend: string, compute: Compute, given: Given, withGradients: boolean): Promise<Outcome> {
  await tf.setBackend(backend);
  const random = seededRandom(given.seed);
  const [low, high] = given.range ?? [-2, 2];
  const uniform = (shape: readonly number[]): tf.Tensor => {
    const size = shape.reduce((a, b) => a * b, 1);
    return tf.tensor(
      Float32Array.from({ length: size }, () => low + (high - low) * random.uniform()),
      [...shape],
    );
  };
  const inputs = given.shapes.map(uniform);
  const output = compute(...inputs);
  const values = Array.from(await output.data());
  const gradients: number[][] = [];
  if (withGradients) {
    for (const gradient of tf.grads(compute)(inputs, uniform(output.shape))) {
      gradients.push(Array.from(await gradient.data()));
    }
  }
  return { shape: output.shape, dtype: output.dtype, values, gradients };
}

/** Expects the same shape, dtype, values and gradients of both backends, to a relative 1e-4. */
export async function expectAsOnCpu(compute: Compute, given: Given, withGradients = true): Promise<void> {
  const expected = await runOn('cpu', compute, given, withGradients);
  const actual = await runOn('onnx', compute, given, withGradients);
  expect([actual.shape, actual.dtype]).toEqual([expected.shape, expected.dtype]);
  expectClose(actual.values, expected.values);
  actual.gradients.forEach((gradient, i) => {
    expectClose(gradient, expected.gradients[i]!);
  });
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(1, ...expected.filter(Number.isFinite).map(Math.abs));
  const worst = actual.reduce((most, value, i) => {
    if (Object.is(value, expected[i]) || value === expected[i]) return most;
    return Math.max(most, Math.abs(value - expected[i]!) / scale);
  }, 0);
  expect(worst).toBeLessThan(1e-4);
}

export const anySeed = fc.integer({ min: 0, max: 1e6 });
export const anyShape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
