import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { seededRandom } from 'seeded-random';
import { registerOnnxBackend } from '..';

/** Two blocks of convolutions and pooling, as in LunaModel but small enough for tfjs-cpu. */
function smallNetwork(optimizer: tf.Optimizer): tfl.Sequential {
  let seed = 7;
  const kernelInitializer = () => tfl.initializers.glorotUniform({ seed: seed++ });
  const model = tfl.sequential();
  for (const [i, filters] of [4, 8].entries()) {
    const conv = { filters, kernelSize: 3, padding: 'same' as const, activation: 'relu' as const };
    const inputShape = i === 0 ? { inputShape: [4, 8, 8, 1] } : {};
    model.add(tfl.layers.conv3d({ ...conv, ...inputShape, kernelInitializer: kernelInitializer() }));
    model.add(tfl.layers.conv3d({ ...conv, kernelInitializer: kernelInitializer() }));
    model.add(tfl.layers.maxPooling3d({ poolSize: 2, strides: 2 }));
  }
  model.add(tfl.layers.flatten());
  model.add(tfl.layers.dense({ units: 2, activation: 'softmax', kernelInitializer: kernelInitializer() }));
  model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

async function train(backend: string, optimizer: () => tf.Optimizer, steps = 4) {
  await tf.setBackend(backend);
  const random = seededRandom(12345);
  const model = smallNetwork(optimizer());
  const x = tf.tensor(
    Float32Array.from({ length: 8 * 256 }, () => random.uniform() * 2 - 1),
    [8, 4, 8, 8, 1],
  );
  const y = tf.oneHot(tf.tensor1d([0, 1, 0, 1, 0, 1, 0, 1], 'int32'), 2);
  const losses: number[] = [];
  const tensors: number[] = [];
  for (let step = 0; step < steps; step++) {
    const [loss] = (await model.trainOnBatch(x, y)) as number[];
    losses.push(loss!);
    tensors.push(tf.memory().numTensors);
  }
  const predicted = await (model.predict(x) as tf.Tensor).data();
  return { losses, tensors, predicted: [...predicted] };
}

const largestDifference = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

describe('training through TF.js layers', () => {
  const backend = registerOnnxBackend({ threads: 2 });
  afterAll(() => {
    backend.dispose();
  });

  test.each([
    ['sgd', () => tf.train.sgd(1e-2)],
    ['momentum', () => tf.train.momentum(1e-3, 0.99)],
    ['adam', () => tf.train.adam(1e-2)],
    ['rmsprop', () => tf.train.rmsprop(1e-3)],
  ])('follows tfjs-cpu step by step with %s, without its help', async (_, optimizer) => {
    const expected = await train('cpu', optimizer);
    backend.fallbacks.clear();
    const actual = await train('onnx', optimizer);

    expect(largestDifference(actual.losses, expected.losses)).toBeLessThan(1e-5);
    expect(largestDifference(actual.predicted, expected.predicted)).toBeLessThan(1e-4);
    expect([...backend.fallbacks]).toEqual([]);
  });

  test('holds no more tensors after a step than before it', async () => {
    const { tensors } = await train('onnx', () => tf.train.adam(1e-3), 5);
    expect(new Set(tensors.slice(1)).size).toBe(1);
  });

  test('compiles nothing new once the loop is under way', async () => {
    await train('onnx', () => tf.train.adam(1e-3), 2);
    const before = backend.statistics.compiles;
    await train('onnx', () => tf.train.adam(1e-3), 6);
    expect(backend.statistics.compiles - before).toBe(0);
  });

  test('gives the same bits for the same seed', async () => {
    const first = await train('onnx', () => tf.train.adam(1e-2));
    const second = await train('onnx', () => tf.train.adam(1e-2));
    expect(second.losses).toEqual(first.losses);
    expect(second.predicted).toEqual(first.predicted);
  });
});
