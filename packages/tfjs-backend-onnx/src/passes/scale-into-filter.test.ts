import * as tf from '@tensorflow/tfjs-core';
import { registerOnnxBackend } from '..';
import { expectAsOnCpu } from '../../tests/against-cpu';

const backend = registerOnnxBackend({ threads: 1 });
afterAll(() => {
  backend.dispose();
});

type Normalized = (y: tf.Tensor4D) => tf.Tensor4D;
type Network = (y: tf.Tensor4D, normalized: Normalized, scale: tf.Tensor) => tf.Tensor;

/** Which kernels are left of a convolution and what comes after it; nothing between is kept. */
async function kernelsOf(network: Network): Promise<string[]> {
  await expectAsOnCpu(
    (...inputs) =>
      tf.tidy(() => {
        const [x, filter, mean, deviation, offset, scale] = inputs as [
          tf.Tensor4D,
          tf.Tensor4D,
          ...[tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D],
        ];
        const normalized: Normalized = (y) => tf.batchNorm4d(y, mean, tf.square(deviation), offset, scale);
        return network(tf.conv2d(x, filter, 1, 'same'), normalized, scale);
      }),
    { shapes: [[2, 5, 6, 16], [3, 3, 16, 32], [32], [32], [32], [32]], seed: 11 },
    false,
  );
  return backend
    .explain()
    .at(-1)!
    .map((op) => op.kernel);
}

describe('a normalisation with known statistics', () => {
  test('goes into the filter of the convolution before it, with the ReLU after it', async () => {
    const kernels = await kernelsOf((y, normalized) => tf.relu(normalized(y)));
    expect(kernels.at(-1)).toBe('ConvBias');
    expect(kernels).not.toContain('ChannelAffine');
  });

  test('takes a bias that the convolution had with it', async () => {
    const kernels = await kernelsOf((y, normalized, bias) => normalized(tf.add(y, bias)));
    expect(kernels.at(-1)).toBe('ConvBias');
    expect(kernels).not.toContain('ChannelAffine');
  });

  test('stays by itself where the convolution is read by others too', async () => {
    const kernels = await kernelsOf((y, normalized) => tf.add(tf.tanh(y), tf.relu(normalized(y))));
    expect(kernels).toContain('ChannelAffine');
  });
});
