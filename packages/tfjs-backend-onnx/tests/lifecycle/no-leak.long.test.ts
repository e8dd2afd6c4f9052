import * as tf from '@tensorflow/tfjs-core';
import { registerOnnxBackend } from '../../src';
import { convolutionalNet, noise, residentBytes, trainStep } from './small-networks';

const MB = 1e6;
const backend = registerOnnxBackend({ threads: 1, cachedGraphs: 12 });
beforeAll(() => tf.setBackend('onnx'));
afterAll(() => {
  backend.dispose();
});

const counts = (): number[] => [tf.memory().numTensors, tf.memory().numBytes, backend.numDataIds()];

/** Bytes that the process grows by over the second half of many steps. */
async function growth(steps: number, step: (i: number) => unknown): Promise<number> {
  for (let i = 0; i < steps / 2; i++) await step(i);
  const before = residentBytes();
  for (let i = steps / 2; i < steps; i++) await step(i);
  return residentBytes() - before;
}

test('10,000 training steps hold no more tensors, graphs and memory than the first few', async () => {
  const model = convolutionalNet(1);
  for (let i = 0; i < 3; i++) await trainStep(model, 4, i);
  const [before, compiles] = [counts(), backend.statistics.compiles];
  const grown = await growth(10_000, (i) => trainStep(model, 4, i % 50));
  expect(counts()).toEqual(before);
  expect(backend.statistics.compiles).toBe(compiles);
  expect(grown).toBeLessThan(20 * MB);
  model.dispose();
});

test('10,000 steps of a compiled function hold no more either', async () => {
  const model = convolutionalNet(2);
  const optimizer = tf.train.momentum(1e-2, 0.9);
  const step = backend.compile((x: tf.Tensor, y: tf.Tensor) => {
    return optimizer.minimize(
      () => tf.losses.meanSquaredError(y, model.apply(x, { training: true }) as tf.Tensor),
      true,
    )!;
  });
  const run = (i: number): void => {
    const { x, y } = noise(4, i % 50);
    const loss = tf.tidy(() => step(tf.tensor4d(x, [4, 8, 8, 1]), tf.tensor2d(y, [4, 2])));
    expect(loss.dataSync()[0]).toBeLessThan(100);
    loss.dispose();
  };
  for (let i = 0; i < 3; i++) run(i);
  const before = counts();
  const grown = await growth(10_000, run);
  expect(counts()).toEqual(before);
  expect(step.timesRecorded).toBe(3);
  expect(grown).toBeLessThan(20 * MB);
  model.dispose();
});

test('batches of any size are bounded too: as many graphs as are kept, and no more memory', async () => {
  const model = convolutionalNet(3);
  const size = (i: number): number => 1 + ((i * 7) % 40);
  const grown = await growth(400, (i) => trainStep(model, size(i), i));
  expect(backend.explain().length).toBeLessThanOrEqual(12);
  expect(grown).toBeLessThan(40 * MB);
  model.dispose();
});
