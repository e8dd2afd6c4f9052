import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { seededRandom } from 'seeded-random';
import { BatchNormalization, registerOnnxBackend } from '..';

const backend = registerOnnxBackend({ threads: 1 });
beforeAll(() => tf.setBackend('onnx'));
afterAll(() => {
  backend.dispose();
});

/** [2, 3, 4, 5, 6] */
function noise(seed: number): tf.Tensor5D {
  const random = seededRandom(seed);
  const values = Float32Array.from({ length: 720 }, () => 3 + 2 * random.normal());
  return tf.tensor5d(values, [2, 3, 4, 5, 6]);
}

function closeTo(actual: tf.Tensor, expected: tf.Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]).toBeLessThan(1e-5);
}

describe('BatchNormalization', () => {
  test.each([{}, { axis: 4 }])('normalizes five dimensions over all but the channels in training: %j', (config) => {
    const layer = new BatchNormalization({ ...config, epsilon: 1e-3 });
    const x = noise(1);
    const { mean, variance } = tf.moments(x, [0, 1, 2, 3]);
    closeTo(layer.apply(x, { training: true }) as tf.Tensor, tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3))));
  });

  test('learns moving statistics, and uses them outside of training', () => {
    const layer = new BatchNormalization({ momentum: 0 });
    const x = noise(2);
    layer.apply(x, { training: true });
    const [, , mean, variance] = layer.getWeights() as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    closeTo(mean, tf.mean(x, [0, 1, 2, 3]));
    const y = noise(3);
    closeTo(layer.apply(y) as tf.Tensor, tf.div(tf.sub(y, mean), tf.sqrt(tf.add(variance, 1e-3))));
  });

  test('passes the gradients that the same formula has', () => {
    const x = noise(4);
    const outer = noise(5);
    const layer = new BatchNormalization();
    layer.apply(x, { training: true });
    const byFormula = (z: tf.Tensor): tf.Tensor => {
      const { mean, variance } = tf.moments(z, [0, 1, 2, 3]);
      return tf.div(tf.sub(z, mean), tf.sqrt(tf.add(variance, 1e-3)));
    };
    closeTo(tf.grad((z) => layer.apply(z, { training: true }) as tf.Tensor)(x, outer), tf.grad(byFormula)(x, outer));
  });

  test('is what a saved model with batch normalization loads as', async () => {
    const model = tfl.sequential({ layers: [new BatchNormalization({ inputShape: [3, 4, 5, 6] })] });
    const loaded = await tfl.models.modelFromJSON({ modelTopology: model.toJSON(null, false) as never });
    expect(loaded.layers.at(-1)).toBeInstanceOf(BatchNormalization);
    closeTo(loaded.predict(noise(6)) as tf.Tensor, model.predict(noise(6)) as tf.Tensor);
  });

  test('is that of TF.js up to four dimensions', () => {
    const x = tf.reshape(noise(7), [2, 12, 5, 6]);
    const options = { training: true };
    const expected = tfl.layers.batchNormalization({ axis: 1 }).apply(x, options) as tf.Tensor;
    closeTo(new BatchNormalization({ axis: 1 }).apply(x, options) as tf.Tensor, expected);
  });
});
