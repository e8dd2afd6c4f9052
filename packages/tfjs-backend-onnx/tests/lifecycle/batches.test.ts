import * as tf from '@tensorflow/tfjs-core';
import { registerOnnxBackend } from '../../src';
import { convolutionalNet, trainStep, weightsOf } from './small-networks';

const backend = registerOnnxBackend({ threads: 1 });
beforeAll(() => tf.setBackend('onnx'));
afterAll(() => {
  backend.dispose();
});

test('the smaller last batch of an epoch compiles once, and never again in later epochs', async () => {
  const model = convolutionalNet(1);
  const epoch = async (): Promise<void> => {
    for (const size of [16, 16, 16, 5]) await trainStep(model, size, size);
  };
  await epoch();
  const compiles = backend.statistics.compiles;
  for (let i = 0; i < 4; i++) await epoch();
  expect(backend.statistics.compiles - compiles).toBe(0);
  model.dispose();
});

test('validation between epochs compiles once too', async () => {
  const model = convolutionalNet(1);
  const x = tf.ones([10, 8, 8, 1]);
  const epoch = async (): Promise<void> => {
    for (const size of [8, 8, 3]) await trainStep(model, size, size);
    tf.tidy(() => (model.predict(x) as tf.Tensor).dataSync());
  };
  await epoch();
  const compiles = backend.statistics.compiles;
  for (let i = 0; i < 3; i++) await epoch();
  expect(backend.statistics.compiles - compiles).toBe(0);
  tf.dispose(x);
  model.dispose();
});

test('two models trained in turn learn what each learns alone', async () => {
  const alone = async (seed: number): Promise<number[]> => {
    const model = convolutionalNet(seed, seed + 2);
    for (let i = 0; i < 6; i++) await trainStep(model, 4, i);
    return weightsOf(model);
  };
  const expected = [await alone(1), await alone(2)];
  const models = [convolutionalNet(1, 3), convolutionalNet(2, 4)];
  for (let i = 0; i < 6; i++) {
    // Both steps are pending at once.
    await Promise.all(models.map((model) => trainStep(model, 4, i)));
  }
  expect(models.map(weightsOf)).toEqual(expected);
});
