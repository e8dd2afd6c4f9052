import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { registerOnnxBackend } from '../src';
import { anySeed, expectAsOnCpu } from './against-cpu';
import type { Compute } from './against-cpu';

/** Portable lowerings: the blocked ones have tests of their own. */
const backend = registerOnnxBackend({ threads: 1, portableOnly: true, strict: true });
afterAll(() => {
  backend.dispose();
});

const size = (max: number) => fc.integer({ min: 1, max });
const RUNS = { numRuns: 15, seed: 1 };

/** A window of any kind over any image it fits in: odd sizes, windows smaller than their stride, explicit padding. */
function anyWindow(rank: number) {
  const pads = fc.oneof(
    fc.constantFrom('same' as const, 'valid' as const),
    fc.record({ pad: fc.integer({ min: 0, max: 1 }), rounding: fc.constantFrom('floor' as const, 'ceil' as const) }),
  );
  return fc
    .record({
      batch: size(3),
      kernel: fc.tuple(...Array.from({ length: rank }, () => size(3))),
      more: fc.tuple(...Array.from({ length: rank }, () => fc.integer({ min: 0, max: 4 }))),
      stride: fc.tuple(...Array.from({ length: rank }, () => size(3))),
      inner: size(3),
      outer: size(3),
      pads,
      seed: anySeed,
    })
    .map(({ kernel, stride, more, pads: padding, ...rest }) => {
      const image = kernel.map((extent, i) => extent + more[i]!);
      // Padding of a whole window is refused by ONNX, and left to tfjs-cpu.
      const isNumber = typeof padding !== 'string' && kernel[0]! > padding.pad;
      if (!isNumber) return { ...rest, kernel, stride, image, pad: typeof padding === 'string' ? padding : VALID };
      // TF.js takes all sides of a window with padding of a given size for its first.
      const cube = (sides: readonly number[]): number[] => sides.map(() => sides[0]!);
      // Rounded up, a window smaller than its stride may see nothing: that too is left to tfjs-cpu.
      const steps = cube(stride.map((step) => Math.min(step, kernel[0]!)));
      return { ...rest, kernel: cube(kernel), stride: steps, image: cube(image), ...padding };
    })
    .map((given) => ({ rounding: undefined, ...given }));
}

const VALID = 'valid' as const;

type Pair = [number, number];
type Triple = [number, number, number];

describe('a convolution, and both its gradients, is that of tfjs-cpu', () => {
  test('in two dimensions', async () => {
    const property = fc.asyncProperty(anyWindow(2), async (given) => {
      const { batch, image, kernel, stride, inner, outer, pad, rounding, seed } = given;
      const shapes = [
        [batch, ...image, inner],
        [...kernel, inner, outer],
      ];
      // TF.js forgets the rounding on the way back.
      const mode = rounding === 'ceil' ? 'floor' : rounding;
      await expectAsOnCpu(
        (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride as Pair, pad, 'NHWC', 1, mode),
        { shapes, seed },
      );
    });
    await fc.assert(property, RUNS);
  });

  test('in three dimensions', async () => {
    const property = fc.asyncProperty(anyWindow(3), async (given) => {
      const { batch, image, kernel, stride, inner, outer, pad, seed } = given;
      const shapes = [
        [batch, ...image, inner],
        [...kernel, inner, outer],
      ];
      const padding = typeof pad === 'number' ? 'same' : pad;
      await expectAsOnCpu((x, w) => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, stride as Triple, padding), {
        shapes,
        seed,
      });
    });
    await fc.assert(property, RUNS);
  });

  test('in one dimension', async () => {
    const property = fc.asyncProperty(anyWindow(1), async (given) => {
      const { batch, image, kernel, stride, inner, outer, pad, seed } = given;
      const shapes = [
        [batch, ...image, inner],
        [...kernel, inner, outer],
      ];
      const padding = typeof pad === 'number' ? 'same' : pad;
      await expectAsOnCpu((x, w) => tf.conv1d(x as tf.Tensor3D, w as tf.Tensor3D, stride[0]!, padding), {
        shapes,
        seed,
      });
    });
    await fc.assert(property, RUNS);
  });

  test('of channels that come first', async () => {
    const shapes = [
      [2, 3, 5, 4],
      [3, 2, 3, 2],
    ];
    await expectAsOnCpu((x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 'same', 'NCHW'), {
      shapes,
      seed: 1,
    });
  });

  test('dilated, forwards: tfjs-cpu has no gradients there', async () => {
    const property = fc.asyncProperty(size(3), size(3), anySeed, async (dilation, kernel, seed) => {
      const shapes = [
        [1, 9, 8, 2],
        [kernel, 2, 2, 3],
      ];
      await expectAsOnCpu(
        (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same', 'NHWC', [dilation, 2]),
        { shapes, seed },
        false,
      );
      const deep = [
        [1, 7, 6, 5, 2],
        [kernel, 2, 1, 2, 3],
      ];
      await expectAsOnCpu(
        (x, w) => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, 1, 'valid', 'NDHWC', [dilation, 2, 1]),
        { shapes: deep, seed },
        false,
      );
    });
    await fc.assert(property, { numRuns: 5, seed: 1 });
  });
});

describe('a depthwise convolution is that of tfjs-cpu', () => {
  test('with both gradients, and several filters a channel', async () => {
    const property = fc.asyncProperty(anyWindow(2), async (given) => {
      const { batch, image, kernel, stride, inner, outer, pad, seed } = given;
      const shapes = [
        [batch, ...image, inner],
        [...kernel, inner, outer],
      ];
      const mode = typeof pad === 'number' ? 'floor' : undefined;
      await expectAsOnCpu(
        (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride as Pair, pad, 'NHWC', 1, mode),
        { shapes, seed },
      );
    });
    await fc.assert(property, RUNS);
  });

  test('dilated', async () => {
    const shapes = [
      [2, 7, 8, 3],
      [3, 2, 3, 2],
    ];
    const dilated = (x: tf.Tensor, w: tf.Tensor) =>
      tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same', 'NHWC', [2, 3]);
    await expectAsOnCpu(dilated, { shapes, seed: 2 }, false);
  });

  test('with a pointwise one after it', async () => {
    const shapes = [
      [2, 6, 5, 3],
      [3, 3, 3, 2],
      [1, 1, 6, 4],
    ];
    const separable = (x: tf.Tensor, d: tf.Tensor, p: tf.Tensor) =>
      tf.separableConv2d(x as tf.Tensor4D, d as tf.Tensor4D, p as tf.Tensor4D, 2, 'same');
    await expectAsOnCpu(separable, { shapes, seed: 3 });
  });

  test.each(['linear', 'relu', 'elu', 'sigmoid'] as const)('with bias and %s in one call', async (activation) => {
    const shapes = [[2, 6, 5, 3], [3, 3, 3, 2], [6]];
    const fused = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) =>
      tf.fused.depthwiseConv2d({
        x: x as tf.Tensor4D,
        filter: filter as tf.Tensor4D,
        bias,
        strides: 2,
        pad: 'same',
        activation,
      });
    await expectAsOnCpu(fused, { shapes, seed: 4 }, false);
  });
});

describe('a transposed convolution is that of tfjs-cpu', () => {
  test('in two dimensions, with its gradients', async () => {
    const property = fc.asyncProperty(anyWindow(2), async (given) => {
      const { batch, image, kernel, stride, inner, outer, pad, seed } = given;
      const padding = typeof pad === 'number' ? 'same' : pad;
      const outShape = image.map((extent, i) =>
        padding === 'same' ? extent * stride[i]! : (extent - 1) * stride[i]! + kernel[i]!,
      );
      const shapes = [
        [batch, ...image, inner],
        [...kernel, outer, inner],
      ];
      const transposed = (x: tf.Tensor, w: tf.Tensor) =>
        tf.conv2dTranspose(
          x as tf.Tensor4D,
          w as tf.Tensor4D,
          [batch, ...outShape, outer] as [number, number, number, number],
          stride as Pair,
          padding,
        );
      await expectAsOnCpu(transposed, { shapes, seed });
    });
    await fc.assert(property, RUNS);
  });

  test('of more than its output has room for', async () => {
    const shapes = [
      [1, 8, 8, 2],
      [3, 3, 4, 2],
    ];
    const cut: Compute = (x, w) => tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [1, 4, 5, 4], 1, 'same');
    await expectAsOnCpu(cut, { shapes, seed: 1 }, false);
  });

  test('in three dimensions', async () => {
    const property = fc.asyncProperty(anyWindow(3), async (given) => {
      const { batch, image, kernel, stride, inner, outer, pad, seed } = given;
      const padding = typeof pad === 'number' ? 'same' : pad;
      const outShape = image.map((extent, i) =>
        padding === 'same' ? extent * stride[i]! : (extent - 1) * stride[i]! + kernel[i]!,
      );
      const shapes = [
        [batch, ...image, inner],
        [...kernel, outer, inner],
      ];
      const transposed = (x: tf.Tensor, w: tf.Tensor) =>
        tf.conv3dTranspose(
          x as tf.Tensor5D,
          w as tf.Tensor5D,
          [batch, ...outShape, outer] as [number, number, number, number, number],
          stride as Triple,
          padding,
        );
      await expectAsOnCpu(transposed, { shapes, seed }, false);
    });
    await fc.assert(property, RUNS);
  });
});

describe('a pool, and its gradient, is that of tfjs-cpu', () => {
  const cubes = fc.record({ edge: size(3), stride: size(3), seed: anySeed });

  test.each(['max', 'avg'] as const)('%s, in two dimensions', async (kind) => {
    const pool = kind === 'max' ? tf.maxPool : tf.avgPool;
    const property = fc.asyncProperty(
      anyWindow(2),
      async ({ batch, image, kernel, stride, inner, pad, rounding, seed }) => {
        // The gradient of an average forgets the rounding.
        const mode = kind === 'avg' && rounding === 'ceil' ? 'floor' : rounding;
        await expectAsOnCpu((x) => pool(x as tf.Tensor4D, kernel as Pair, stride as Pair, pad, mode), {
          shapes: [[batch, ...image, inner]],
          seed,
        });
      },
    );
    await fc.assert(property, RUNS);
  });

  test.each(['max', 'avg'] as const)('%s, in three dimensions', async (kind) => {
    const pool = kind === 'max' ? tf.maxPool3d : tf.avgPool3d;
    const property = fc.asyncProperty(
      anyWindow(3),
      cubes,
      async ({ batch, image, inner, pad, seed }, { edge, stride }) => {
        // tfjs-cpu mixes rows and columns up in the gradient of a window that is not square.
        const kernel: Triple = [Math.min(image[0]!, 2), edge, edge];
        const room = image.map((extent, i) => Math.max(extent, kernel[i]!));
        const padding = typeof pad === 'number' ? 'same' : pad;
        await expectAsOnCpu((x) => pool(x as tf.Tensor5D, kernel, [1, stride, stride], padding), {
          shapes: [[batch, ...room, inner]],
          seed,
        });
      },
    );
    await fc.assert(property, RUNS);
  });

  test('the largest of whole numbers', async () => {
    const pooled: Compute = (x) => tf.maxPool(tf.cast<tf.Tensor4D>(tf.mul(x, 100), 'int32'), 2, 2, 'same');
    await expectAsOnCpu(pooled, { shapes: [[2, 5, 4, 3]], seed: 6 }, false);
  });

  test.each([true, false])('the places of the maxima, counted through the batch: %s', async (withBatch) => {
    const shapes = [[2, 5, 6, 3]];
    for (const pad of ['same', 'valid'] as const) {
      const pooled = (x: tf.Tensor) => tf.maxPoolWithArgmax(x as tf.Tensor4D, [3, 2], 2, pad, withBatch);
      await expectAsOnCpu((x) => pooled(x)['result']!, { shapes, seed: 5 }, false);
      await expectAsOnCpu((x) => pooled(x)['indexes']!, { shapes, seed: 5 }, false);
    }
  });
});

test('greyscale dilation, and both its gradients, are those of tfjs-cpu', async () => {
  const property = fc.asyncProperty(anyWindow(2), async ({ batch, image, kernel, stride, inner, pad, seed }) => {
    const shapes = [
      [batch, ...image, inner],
      [...kernel, inner],
    ];
    const padding = typeof pad === 'number' ? 'same' : pad;
    for (const [strides, dilations] of [
      [stride, 1],
      [1, 2],
    ] as [Pair | 1, number][]) {
      if (padding === 'valid' && dilations === 2 && image.some((extent, i) => extent < 2 * kernel[i]! - 1)) continue;
      await expectAsOnCpu((x, w) => tf.dilation2d(x as tf.Tensor4D, w as tf.Tensor3D, strides, padding, dilations), {
        shapes,
        seed,
      });
    }
  });
  await fc.assert(property, RUNS);
});

describe('gradients that TF.js refuses', () => {
  /** dx · v and dw · v against the difference of the values themselves. */
  async function expectGradientsOfValues(compute: Compute, shapes: readonly (readonly number[])[]): Promise<void> {
    await tf.setBackend('onnx');
    const inputs = shapes.map((shape, i) => tf.randomUniform([...shape], -1, 1, 'float32', i + 1));
    const outer = tf.randomUniform(compute(...inputs).shape, -1, 1, 'float32', 9);
    const gradients = tf.grads(compute)(inputs, outer);
    inputs.forEach((input, i) => {
      const direction = tf.randomUniform(input.shape, -1, 1, 'float32', 20 + i);
      const at = (step: number): number => {
        const moved = inputs.map((x, k) => (k === i ? tf.add(x, tf.mul(direction, step)) : x));
        return tf.sum(tf.mul(compute(...moved), outer)).dataSync()[0]!;
      };
      const slope = tf.sum(tf.mul(gradients[i]!, direction)).dataSync()[0]!;
      // Convolutions are linear in each input, so a step may be as long as one.
      expect((at(1) - at(-1)) / 2).toBeCloseTo(slope, 3);
    });
  }

  test.each(['same', 'valid'] as const)('of dilated convolutions, %s', async (pad) => {
    const flat: Compute = (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, pad, 'NHWC', [2, 3]);
    await expectGradientsOfValues(flat, [[2, 8, 9, 3], [3, 2, 3, 4]]); // prettier-ignore
    const deep: Compute = (x, w) => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, 1, pad, 'NDHWC', [2, 1, 3]);
    await expectGradientsOfValues(deep, [[2, 5, 4, 7, 2], [3, 2, 2, 2, 3]]); // prettier-ignore
    const each: Compute = (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, pad, 'NHWC', [3, 2]);
    await expectGradientsOfValues(each, [[2, 8, 9, 3], [2, 3, 3, 2]]); // prettier-ignore
  });

  test('of the transposed convolution in three dimensions', async () => {
    const transposed: Compute = (x, w) =>
      tf.conv3dTranspose(x as tf.Tensor5D, w as tf.Tensor5D, [2, 6, 4, 8, 2], [2, 1, 2], 'same');
    await expectGradientsOfValues(transposed, [[2, 3, 4, 4, 3], [3, 2, 2, 2, 3]]); // prettier-ignore
  });
});
