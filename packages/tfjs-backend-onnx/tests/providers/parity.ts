/** How far one computation on a provider is from tfjs-cpu's. */
import * as tf from '@tensorflow/tfjs-core';
import { seededRandom } from 'seeded-random';
import { lunaModel, randomParameters } from '../luna-model';
import { CASES } from './cases';
import type { Case } from './cases';

/** `worst` is the largest difference relative to the largest value of the same tensor. */
export interface Finding {
  name: string;
  worst?: number;
  error?: string;
}

export interface Result {
  shape: readonly number[];
  values: ArrayLike<number>;
}

export interface Computation {
  name: string;
  compute: () => Promise<Result[]>;
}

export type Part = 'kernels' | 'networks';

/** Everything to compare; each runs on the backend in use. */
export const COMPUTATIONS: Readonly<Record<Part, readonly Computation[]>> = {
  kernels: CASES.map((kernel) => ({ name: kernel.name, compute: () => computeCase(kernel) })),
  networks: [
    { name: 'a LunaModel step', compute: lunaStep },
    { name: 'a training loop', compute: trainingLoop },
  ],
};

export async function read(tensors: readonly tf.Tensor[]): Promise<Result[]> {
  return Promise.all(tensors.map(async (tensor) => ({ shape: tensor.shape, values: await tensor.data() })));
}

async function computeCase({ compute, shapes, range = [-2, 2], gradients = true }: Case): Promise<Result[]> {
  const random = seededRandom(7);
  const uniform = (shape: number[]): tf.Tensor => {
    const size = shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: size }, () => range[0] + (range[1] - range[0]) * random.uniform());
    return tf.tensor(values, shape);
  };
  const inputs = shapes.map(uniform);
  const output = compute(...inputs);
  return read(gradients ? [output, ...tf.grads(compute)(inputs, uniform(output.shape))] : [output]);
}

function randomBatch(size: number): { x: tf.Tensor5D; labels: tf.Tensor } {
  const random = seededRandom(5);
  const x = tf.tensor5d(Float32Array.from({ length: 2 * size ** 3 }, random.normal), [2, size, size, size, 1]);
  return { x, labels: tf.oneHot(tf.tensor1d([0, 1], 'int32'), 2) };
}

/** The loss, and the gradients of all twenty parameters. */
async function lunaStep(): Promise<Result[]> {
  const parameters = randomParameters(3, 4, 64);
  const { x, labels } = randomBatch(16);
  const { value, grads } = tf.variableGrads(() => tf.losses.softmaxCrossEntropy(labels, lunaModel(x, parameters)));
  return read([value, ...Object.values(grads)]);
}

/** The losses of four steps with Adam: what one step leaves behind is what the next one reads. */
async function trainingLoop(): Promise<Result[]> {
  const parameters = randomParameters(4, 1, 8 * 64);
  const { x, labels } = randomBatch(8);
  const optimizer = tf.train.adam(1e-2);
  const losses: tf.Tensor[] = [];
  for (let i = 0; i < 4; i++) {
    const loss = (): tf.Scalar => tf.losses.softmaxCrossEntropy(labels, lunaModel(x, parameters));
    losses.push(optimizer.minimize(loss, true)!);
  }
  return read(losses);
}

export async function judge({ name, compute }: Computation): Promise<Finding> {
  try {
    await tf.setBackend('cpu');
    const expected = await compute();
    await tf.setBackend('onnx');
    const actual = await compute();
    return { name, worst: Math.max(...actual.map((result, i) => difference(result, expected[i]!))) };
  } catch (error) {
    const { message, cause } = error as Error;
    return { name, error: cause instanceof Error ? `${message}: ${cause.message}` : message };
  } finally {
    tf.disposeVariables();
  }
}

export function difference(actual: Result, expected: Result): number {
  if (String(actual.shape) !== String(expected.shape)) return Infinity;
  const wanted = Array.from(expected.values);
  const scale = Math.max(1e-3, ...wanted.filter(Number.isFinite).map(Math.abs));
  return wanted.reduce((worst, value, i) => {
    const found = actual.values[i]!;
    if (Object.is(value, found) || value === found) return worst;
    const apart = Math.abs(value - found) / scale;
    return Number.isNaN(apart) ? Infinity : Math.max(worst, apart);
  }, 0);
}
