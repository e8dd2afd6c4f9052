import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
// Registers the gradients of TF.js's kernels.
import '@tensorflow/tfjs-layers';
import { lossScaler, mixedPrecision } from './loss-scaling';

beforeAll(async () => {
  await tf.setBackend('cpu');
});
afterEach(() => {
  tf.disposeVariables();
});

test('the scale halves with each overflow, and doubles after enough steps without', () => {
  const scaler = lossScaler({ initialScale: 8, growthInterval: 3 });
  const scales = [false, false, true, true, true, true, true, true].map((isFinite) => {
    scaler.update(isFinite);
    return scaler.scale;
  });
  expect(scales).toEqual([4, 2, 2, 2, 4, 4, 4, 8]);
  expect(scaler.skippedSteps).toBe(2);
});

test('the scale never falls below one', () => {
  const scaler = lossScaler({ initialScale: 2 });
  for (let i = 0; i < 5; i++) scaler.update(false);
  expect(scaler.scale).toBe(1);
});

test('an optimizer steps as it would without scaling, and says the loss as it is', () => {
  const weights = [tf.variable(tf.tensor1d([1, -2])), tf.variable(tf.tensor1d([1, -2]))] as const;
  const plain = tf.train.momentum(0.1, 0.9);
  const scaled = mixedPrecision(tf.train.momentum(0.1, 0.9));
  const lossOf = (w: tf.Variable) => (): tf.Scalar => tf.sum(tf.square(w));
  for (let i = 0; i < 3; i++) {
    const expected = plain.minimize(lossOf(weights[0]), true, [weights[0]])!;
    const actual = scaled.minimize(lossOf(weights[1]), true, [weights[1]])!;
    expect(actual.dataSync()[0]).toBeCloseTo(expected.dataSync()[0]!, 6);
  }
  weights[1].dataSync().forEach((value, i) => {
    expect(value).toBeCloseTo(weights[0].dataSync()[i]!, 6);
  });
});

test('a step whose gradients overflow changes nothing but the scale', () => {
  const w = tf.variable(tf.tensor1d([3]));
  const optimizer = mixedPrecision(tf.train.adam(0.1), { initialScale: 1024 });
  optimizer.minimize(() => tf.sum(tf.mul(w, tf.scalar(Infinity))));
  expect([...w.dataSync()]).toEqual([3]);
  expect([optimizer.scaler.scale, optimizer.scaler.skippedSteps]).toEqual([512, 1]);
  optimizer.minimize(() => tf.sum(w));
  expect(w.dataSync()[0]).toBeLessThan(3);
});

test('keeps no tensors from step to step', () => {
  const w = tf.variable(tf.tensor1d([3]));
  const optimizer = mixedPrecision(tf.train.sgd(0.1));
  const step = (): void => void optimizer.minimize(() => tf.sum(tf.square(w)));
  step();
  const before = tf.memory().numTensors;
  step();
  expect(tf.memory().numTensors).toBe(before);
});
