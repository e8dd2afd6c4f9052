import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of TF.js's kernels.
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { seededRandom } from 'seeded-random';
import { registerOnnxBackend } from '../src';
import type { Compute } from './against-cpu';

const backend = registerOnnxBackend({ threads: 2 });
afterAll(() => {
  backend.dispose();
});

/** Small whole numbers: sums of their products are exact in float32, in whatever order they are added. */
function wholeNumbers(shape: readonly number[], seed: number): tf.Tensor {
  const random = seededRandom(seed);
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.integer(7) - 3),
    [...shape],
  );
}

/** The result and the gradients of all inputs, against an outer gradient of whole numbers. */
async function runOn(name: 'cpu' | 'onnx', compute: Compute, shapes: readonly (readonly number[])[], seed: number) {
  await tf.setBackend(name);
  const inputs = shapes.map((shape, i) => wholeNumbers(shape, seed + i));
  const output = compute(...inputs);
  const gradients = tf.grads(compute)(inputs, wholeNumbers(output.shape, seed + 9));
  const values = [output, ...gradients].map((tensor) => [...tensor.dataSync()].map((value) => value + 0));
  return { shape: output.shape, values };
}

async function expectTheBitsOfCpu(compute: Compute, shapes: readonly (readonly number[])[], seed: number) {
  const actual = await runOn('onnx', compute, shapes, seed);
  expect(actual).toEqual(await runOn('cpu', compute, shapes, seed));
}

const lowerings = () =>
  new Set(backend.explain().flatMap((graph) => graph.map((op) => `${op.kernel}: ${op.lowering}`)));

interface Window {
  batch: number;
  size: number[];
  inner: number;
  outer: number;
  kernel: number[];
  stride: number;
  pad: 'same' | 'valid';
  seed: number;
}

const window = (rank: 2 | 3, inner: fc.Arbitrary<number>): fc.Arbitrary<Window> =>
  fc.record({
    batch: fc.constantFrom(1, 2, 3, 17),
    size: fc.array(fc.integer({ min: 3, max: 7 }), { minLength: rank, maxLength: rank }),
    inner,
    outer: fc.constantFrom(16, 32),
    kernel: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: rank, maxLength: rank }),
    stride: fc.integer({ min: 1, max: 2 }),
    pad: fc.constantFrom('same' as const, 'valid' as const),
    seed: fc.integer({ min: 0, max: 1e6 }),
  });

describe('blocked convolutions of any window give the bits of tfjs-cpu where numbers are whole, and so do their gradients', () => {
  const convolve: Record<2 | 3, (window: Window) => Compute> = {
    2:
      ({ stride, pad }) =>
      (x, w) =>
        tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad),
    3:
      ({ stride, pad }) =>
      (x, w) =>
        tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, stride, pad),
  };

  test.each([
    ['images of whole blocks', 2, [16, 32]],
    ['images of few channels', 2, [1, 3]],
    ['volumes of whole blocks', 3, [16, 32]],
    ['volumes of few channels', 3, [1, 2, 3]],
  ] as const)('%s', async (_, rank, inner) => {
    await fc.assert(
      fc.asyncProperty(window(rank, fc.constantFrom(...inner)), async (given) => {
        const { batch, size, kernel, outer, seed } = given;
        const shapes = [
          [batch, ...size, given.inner],
          [...kernel, given.inner, outer],
        ];
        await expectTheBitsOfCpu(convolve[rank](given), shapes, seed);
      }),
      { numRuns: 14, seed: 4 },
    );
    expect(lowerings()).toContain('Conv: blocked windows');
    expect(lowerings()).toContain('ConvFilterGradient: blocked windows');
  });

  test.each([
    ['a first layer of seven', [2, 12, 12, 3], [7, 7, 3, 16], 2, 3],
    ['stride 3', [2, 11, 10, 16], [5, 5, 16, 16], 3, 2],
    ['few pixels and a large filter', [1, 3, 4, 512], [3, 3, 512, 256], 1, 0],
    ['few pixels, a large filter and a stride', [1, 2, 2, 256], [3, 3, 256, 512], 2, 1],
    ['a stride beyond the window', [2, 7, 7, 16], [1, 1, 16, 32], 2, 0],
  ] as const)('%s', async (_, x, w, stride, pad) => {
    await expectTheBitsOfCpu((a, b) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, pad), [x, w], 3);
  });

  test('dilation', async () => {
    const compute: Compute = (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same', 'NHWC', 2);
    await tf.setBackend('onnx');
    const given = [wholeNumbers([2, 9, 9, 16], 1), wholeNumbers([3, 3, 16, 16], 2)] as const;
    const actual = compute(...given).dataSync();
    await tf.setBackend('cpu');
    expect(actual).toEqual(compute(wholeNumbers([2, 9, 9, 16], 1), wholeNumbers([3, 3, 16, 16], 2)).dataSync());
  });
});
