import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of TF.js's kernels.
import '@tensorflow/tfjs-layers';
import { seededRandom } from 'seeded-random';
import { registerOnnxBackend } from '..';
import type { OnnxBackend } from '../recording';

afterEach(() => {
  tf.removeBackend('onnx');
});

const random = seededRandom(3);
const values = (size: number): Float32Array => Float32Array.from({ length: size }, random.normal);

/** The gradients of everything that is learned by a convolution of normalised values. */
function gradients(
  channels: number,
  normalize: (x: tf.Tensor4D, scale: tf.Tensor1D, offset: tf.Tensor1D) => tf.Tensor4D,
) {
  const given = {
    x: values(2 * 6 * 5 * channels),
    scale: values(channels),
    offset: values(channels),
    filter: values(9 * channels * 3),
  };
  return (): number[][] =>
    tf.tidy(() => {
      const x = tf.tensor4d(given.x, [2, 6, 5, channels]);
      const parameters = [
        tf.tensor1d(given.scale),
        tf.tensor1d(given.offset),
        tf.tensor4d(given.filter, [3, 3, channels, 3]),
      ];
      const loss = (scale: tf.Tensor, offset: tf.Tensor, filter: tf.Tensor): tf.Scalar => {
        const y = tf.conv2d(
          normalize(x, scale as tf.Tensor1D, offset as tf.Tensor1D),
          filter as tf.Tensor4D,
          [1, 2],
          'same',
        );
        return tf.sum(tf.square(y));
      };
      return tf
        .grads(loss)(parameters)
        .map((gradient) => [...gradient.dataSync()]);
    });
}

const statistics = (x: tf.Tensor4D) => tf.moments(x, [0, 1, 2]) as { mean: tf.Tensor1D; variance: tf.Tensor1D };
const normalizations = {
  'batch normalisation': (x: tf.Tensor4D, scale: tf.Tensor1D, offset: tf.Tensor1D) => {
    const { mean, variance } = statistics(x);
    return tf.batchNorm4d(x, mean, variance, offset, scale, 1e-3);
  },
  'arithmetic per channel': (x: tf.Tensor4D, scale: tf.Tensor1D, offset: tf.Tensor1D) => {
    const { mean, variance } = statistics(x);
    return tf.add<tf.Tensor4D>(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(variance)), scale), offset);
  },
};

describe.each(Object.entries(normalizations))(
  'what is learned before and in a first convolution, by %s',
  (_, normalize) => {
    test.each([1, 3])('is that of tfjs-cpu, and the input gradient is not computed: %i channels', async (channels) => {
      const compute = gradients(channels, normalize);
      await tf.setBackend('cpu');
      const expected = compute();
      const backend: OnnxBackend = registerOnnxBackend({ threads: 1 });
      await tf.setBackend('onnx');
      const actual = compute();
      actual.forEach((gradient, i) => {
        const largest = Math.max(...expected[i]!.map(Math.abs));
        gradient.forEach((value, k) => {
          expect(Math.abs(value - expected[i]![k]!) / largest).toBeLessThan(1e-5);
        });
      });
      const kernels = new Set(backend.explain().flatMap((graph) => graph.map((op) => op.kernel)));
      expect(kernels).toContain('ConvTapSums');
      expect(kernels).not.toContain('ConvInputGradient');
    });
  },
);
