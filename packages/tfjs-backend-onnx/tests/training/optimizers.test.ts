import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of TF.js's kernels.
import '@tensorflow/tfjs-layers';
import { registerOnnxBackend } from '../../src';
import { difference, randomInputs } from '../gradients/law';

const backend = registerOnnxBackend({ threads: 1 });
afterAll(() => {
  backend.dispose();
});

const OPTIMIZERS: [string, () => tf.Optimizer][] = [
  ['sgd', () => tf.train.sgd(0.1)],
  ['momentum', () => tf.train.momentum(0.1, 0.9)],
  ['nesterov', () => tf.train.momentum(0.1, 0.9, true)],
  ['adam', () => tf.train.adam(0.05)],
  ['adamax', () => tf.train.adamax(0.05)],
  ['rmsprop', () => tf.train.rmsprop(0.05)],
  ['rmsprop, centred and with momentum', () => tf.train.rmsprop(0.05, 0.9, 0.5, 1e-7, true)],
  ['adagrad', () => tf.train.adagrad(0.1)],
  ['adadelta', () => tf.train.adadelta(1)],
];

/** Five steps of a small regression; the losses, then the weights. */
async function fiveSteps(backendName: string, create: () => tf.Optimizer): Promise<Float32Array[]> {
  await tf.setBackend(backendName);
  const [x, y, weights, bias] = randomInputs([[8, 4], [8, 3], [4, 3], [3]], 5, [-1, 1]).map(({ shape, values }) =>
    tf.tensor(values, [...shape]),
  );
  const variables = [tf.variable(weights!), tf.variable(bias!)];
  const optimizer = create();
  const losses: number[] = [];
  for (let step = 0; step < 5; step++) {
    const loss = optimizer.minimize(
      () => tf.losses.meanSquaredError(y!, tf.tanh(tf.add(tf.matMul(x!, variables[0]!), variables[1]!))),
      true,
      variables,
    )!;
    losses.push((await loss.data())[0]!);
    loss.dispose();
  }
  const results = [Float32Array.from(losses), ...variables.map((variable) => variable.dataSync() as Float32Array)];
  optimizer.dispose();
  tf.disposeVariables();
  return results;
}

test.each(OPTIMIZERS)('%s makes the steps that it makes on tfjs-cpu', async (_, create) => {
  const expected = await fiveSteps('cpu', create);
  const actual = await fiveSteps('onnx', create);
  expected.forEach((values, i) => {
    expect(difference(actual[i]!, values)).toBeLessThan(1e-5);
  });
  expect(expected[0]![4]).toBeLessThan(expected[0]![0]!);
  expect([...backend.fallbacks]).toEqual([]);
});
