import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of TF.js's kernels.
import '@tensorflow/tfjs-layers';
import { registerOnnxBackend } from '..';
import { expectAsOnCpu } from '../../tests/against-cpu';
import type { Compute } from '../../tests/against-cpu';

const backend = registerOnnxBackend({ threads: 1 });
afterAll(() => {
  backend.dispose();
});

/** Of the graph compiled last: the gradients. */
const kernels = () =>
  backend
    .explain()
    .at(-1)!
    .map((op) => op.kernel);

const AROUND: [number, number][] = [
  [0, 0],
  [1, 2],
  [2, 1],
  [0, 0],
];
const padded = (x: tf.Tensor) => tf.pad(x as tf.Tensor4D, AROUND);

describe('zeros around an image go into the window that slides over it', () => {
  const cases: [string, Compute, number[][]][] = [
    [
      'a convolution',
      (x, w) => tf.conv2d(padded(x), w as tf.Tensor4D, 1, 'valid'),
      [
        [2, 5, 6, 3],
        [3, 3, 3, 4],
      ],
    ],
    [
      'one that strides',
      (x, w) => tf.conv2d(padded(x), w as tf.Tensor4D, 2, 'valid'),
      [
        [2, 5, 6, 3],
        [3, 3, 3, 4],
      ],
    ],
    [
      'one that pads too',
      (x, w) => tf.conv2d(padded(x), w as tf.Tensor4D, 1, 'same'),
      [
        [2, 5, 6, 3],
        [3, 3, 3, 4],
      ],
    ],
    ['a pooling of a ReLU', (x) => tf.maxPool(padded(tf.relu(x)), 3, 2, 'valid'), [[2, 5, 6, 3]]],
  ];
  test.each(cases)('%s, and its gradients', async (_, compute, shapes) => {
    await expectAsOnCpu(compute, { shapes, seed: 5 });
    expect(kernels()).not.toContain('PadV2');
    expect(kernels()).not.toContain('Slice');
  });

  test('but not where they could be the maximum, or are not zeros', async () => {
    await expectAsOnCpu((x) => tf.maxPool(padded(x), 3, 2, 'valid'), { shapes: [[2, 5, 6, 3]], seed: 5 });
    const ones: Compute = (x, w) => tf.conv2d(tf.pad(x as tf.Tensor4D, AROUND, 1), w as tf.Tensor4D, 1, 'valid');
    await expectAsOnCpu(ones, {
      shapes: [
        [2, 5, 6, 3],
        [3, 3, 3, 4],
      ],
      seed: 5,
    });
    expect(kernels()).toContain('PadV2');
  });
});
