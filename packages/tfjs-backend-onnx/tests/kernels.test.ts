import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { registerOnnxBackend } from '../src';
import { anySeed, anyShape, expectAsOnCpu } from './against-cpu';
import type { Compute } from './against-cpu';

const backend = registerOnnxBackend({ threads: 1 });
beforeEach(() => {
  backend.fallbacks.clear();
});
afterEach(() => {
  expect([...backend.fallbacks]).toEqual([]);
});
afterAll(() => {
  backend.dispose();
});

const RUNS = { numRuns: 4, seed: 1 };
const POSITIVE = [0.2, 3] as const;
const UNIT = [-0.9, 0.9] as const;
const ANY = [-2, 2] as const;

type Range = readonly [number, number];
type One = (x: tf.Tensor) => tf.Tensor;
type Two = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

function alternating(shape: number[]): tf.Tensor {
  return tf.cast(tf.mod(tf.reshape(tf.range(0, tf.util.sizeFromShape(shape)), shape), 2), 'bool');
}

describe('kernels of one tensor, and their gradients, are those of tfjs-cpu', () => {
  const kernels: [string, One, Range][] = [
    ['relu', tf.relu, ANY],
    ['relu6', (x) => tf.relu6(tf.mul(x, 5)), ANY],
    ['elu', tf.elu, ANY],
    ['selu', tf.selu, ANY],
    ['leakyRelu', (x) => tf.leakyRelu(x, 0.1), ANY],
    ['sigmoid', tf.sigmoid, ANY],
    ['tanh', tf.tanh, ANY],
    ['softplus', tf.softplus, ANY],
    ['exp', tf.exp, ANY],
    ['expm1', tf.expm1, ANY],
    ['log', tf.log, POSITIVE],
    ['log1p', tf.log1p, POSITIVE],
    ['sqrt', tf.sqrt, POSITIVE],
    ['rsqrt', tf.rsqrt, POSITIVE],
    ['reciprocal', tf.reciprocal, POSITIVE],
    ['square', tf.square, ANY],
    ['abs', tf.abs, ANY],
    ['neg', tf.neg, ANY],
    ['sign', tf.sign, ANY],
    ['floor', tf.floor, ANY],
    ['ceil', tf.ceil, ANY],
    ['round', tf.round, ANY],
    ['step', (x) => tf.step(x, 0.3), ANY],
    ['clip', (x) => tf.clipByValue(x, -1, 1), ANY],
    ['sin', tf.sin, ANY],
    ['cos', tf.cos, ANY],
    ['tan', tf.tan, UNIT],
    ['asin', tf.asin, UNIT],
    ['acos', tf.acos, UNIT],
    ['atan', tf.atan, ANY],
    ['sinh', tf.sinh, ANY],
    ['cosh', tf.cosh, ANY],
    ['asinh', tf.asinh, ANY],
    ['acosh', (x) => tf.acosh(tf.add(x, 1)), POSITIVE],
    ['atanh', tf.atanh, UNIT],
    ['erf', tf.erf, ANY],
    ['softmax', (x) => tf.softmax(x), ANY],
    ['logSoftmax', (x) => tf.logSoftmax(x), ANY],
    ['sum', (x) => tf.sum(x), ANY],
    ['mean', (x) => tf.mean(x, 0, true), ANY],
    ['max', (x) => tf.max(x, -1), ANY],
    ['min', (x) => tf.min(x, 0), ANY],
    ['moments', (x) => tf.moments(x, 0).variance, ANY],
    ['logSumExp', (x) => tf.logSumExp(x, 0), ANY],
    [
      'tile',
      (x) =>
        tf.tile(
          x,
          x.shape.map((_, i) => (i % 2) + 1),
        ),
      ANY,
    ],
    [
      'pad',
      (x) =>
        tf.pad(
          x,
          x.shape.map((_, i): [number, number] => [i % 2, 1]),
          7,
        ),
      ANY,
    ],
    ['transpose', (x) => tf.transpose(x), ANY],
    [
      'slice',
      (x) =>
        tf.slice(
          x,
          x.shape.map((n) => n - 1),
        ),
      ANY,
    ],
    ['stack', (x) => tf.stack([x, tf.neg(x)], 1), ANY],
    ['concat', (x) => tf.concat([x, tf.neg(x), x], 0), ANY],
    ['addN', (x) => tf.addN([x, x, tf.neg(x)]), ANY],
    ['where', (x) => tf.where(alternating(x.shape), x, tf.mul(x, 3)), ANY],
  ];

  test.each(kernels)('%s', async (_, kernel, range) => {
    await fc.assert(
      fc.asyncProperty(anyShape, anySeed, (shape, seed) => expectAsOnCpu(kernel, { shapes: [shape], seed, range })),
      RUNS,
    );
  });
});

describe('kernels of two tensors broadcast, and pass gradients back, as on tfjs-cpu', () => {
  const kernels: [string, Two, Range][] = [
    ['add', tf.add, ANY],
    ['sub', tf.sub, ANY],
    ['mul', tf.mul, ANY],
    ['div', tf.div, POSITIVE],
    ['mod', tf.mod, POSITIVE],
    ['pow', tf.pow, POSITIVE],
  ];
  /** Shapes that broadcast: the second lacks leading axes, or has ones. */
  const pair = anyShape.chain((shape) =>
    fc
      .tuple(
        fc.integer({ min: 0, max: shape.length - 1 }),
        fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      )
      .map(([drop, ones]) => [shape, shape.map((n, i) => (ones[i] ? 1 : n)).slice(drop)] as const),
  );

  test.each(kernels)('%s', async (_, kernel, range) => {
    await fc.assert(
      fc.asyncProperty(pair, anySeed, (shapes, seed) => expectAsOnCpu(kernel, { shapes, seed, range })),
      RUNS,
    );
  });

  // TF.js itself gives these gradients only where nothing broadcasts.
  test.each([
    ['maximum', tf.maximum],
    ['minimum', tf.minimum],
    ['squaredDifference', tf.squaredDifference],
  ] as [string, Two][])('%s', async (_, kernel) => {
    await expectAsOnCpu(kernel, {
      shapes: [
        [3, 4],
        [3, 4],
      ],
      seed: 8,
    });
    await expectAsOnCpu(kernel, { shapes: [[3, 4], [4]], seed: 8 }, false);
  });

  test('floorDiv', async () => {
    await expectAsOnCpu(tf.floorDiv, { shapes: [[3, 4], [4]], seed: 8, range: POSITIVE }, false);
  });

  test.each([true, false])('prelu and matMul, transposed: %s', async (transposed) => {
    const sizes = fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 5 })));
    await fc.assert(
      fc.asyncProperty(sizes, anySeed, async ([m, k, n], seed) => {
        const shapes = [transposed ? [k!, m!] : [m!, k!], transposed ? [n!, k!] : [k!, n!]];
        await expectAsOnCpu((a, b) => tf.matMul(a, b, transposed, transposed), { shapes, seed });
        await expectAsOnCpu((x, alpha) => tf.prelu(x, alpha), { shapes: [[m!, k!], [k!]], seed });
      }),
      RUNS,
    );
  });

  test.each([
    ['equal', tf.equal],
    ['notEqual', tf.notEqual],
    ['greater', tf.greater],
    ['greaterEqual', tf.greaterEqual],
    ['less', tf.less],
    ['lessEqual', tf.lessEqual],
  ] as [string, Two][])('%s compares numbers and booleans', async (_, compare) => {
    const rounded: Compute = (a, b) => compare(tf.round(a), tf.round(b));
    await expectAsOnCpu(rounded, { shapes: [[4, 5], [5]], seed: 1 }, false);
    const booleans: Compute = (a, b) => compare(tf.greater(a, 0), tf.greater(b, 0));
    await expectAsOnCpu(booleans, { shapes: [[4, 5], [5]], seed: 2 }, false);
  });
});

describe('kernels of indices and conditions', () => {
  const plain: [string, Compute][] = [
    ['argMax', (x) => tf.argMax(x, 1)],
    ['prod', (x) => tf.prod(x, 0)],
    ['cumsum', (x) => tf.cumsum(x, 0, true, true)],
    ['unstack', (x) => tf.unstack(x, 1)[1]!],
    ['range', (x) => tf.add(x, tf.range(3, 0, -1))],
    ['argMin', (x) => tf.argMin(x, 0)],
    ['oneHot, with indices beyond', (x) => tf.oneHot(tf.cast(tf.mul(x, 3), 'int32'), 4, 2, -1)],
    ['gather', (x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'), 1)],
    ['all', (x) => tf.all(tf.greater(x, -1), 0)],
    ['any', (x) => tf.any(tf.greater(x, 1), 0)],
    ['logic', (x) => tf.logicalOr(tf.logicalAnd(tf.less(x, 1), tf.greater(x, -1)), tf.logicalNot(tf.less(x, 0)))],
    ['isNaN and isFinite', (x) => tf.logicalOr(tf.isNaN(tf.log(x)), tf.isFinite(tf.div(1, tf.relu(x))))],
    ['cast', (x) => tf.cast(tf.cast(tf.mul(x, 10), 'int32'), 'float32')],
    ['split', (x) => tf.split(x, [1, 2], 1)[1]!],
    ['whole numbers', (x) => tf.abs(tf.sub(tf.cast(tf.mul(x, 10), 'int32'), tf.scalar(3, 'int32')))],
    [
      'mirrorPad',
      (x) =>
        tf.mirrorPad(
          x,
          [
            [1, 1],
            [2, 0],
          ],
          'reflect',
        ),
    ],
  ];
  test.each(plain)('%s', async (_, compute) => {
    await expectAsOnCpu(compute, { shapes: [[4, 3]], seed: 3 }, false);
  });
});

describe('windows', () => {
  const volume = fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    size: fc.array(fc.integer({ min: 3, max: 6 }), { minLength: 3, maxLength: 3 }),
    inner: fc.integer({ min: 1, max: 3 }),
    outer: fc.integer({ min: 1, max: 3 }),
    kernel: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 2 }),
    pad: fc.constantFrom('same' as const, 'valid' as const),
    seed: anySeed,
  });

  test('conv3d and both its gradients', async () => {
    await fc.assert(
      fc.asyncProperty(volume, async ({ batch, size, inner, outer, kernel, stride, pad, seed }) => {
        const shapes = [
          [batch, ...size, inner],
          [kernel, kernel, kernel, inner, outer],
        ];
        await expectAsOnCpu((x, w) => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, stride, pad), { shapes, seed });
      }),
      { numRuns: 12, seed: 1 },
    );
  });

  test('conv2d and both its gradients', async () => {
    await fc.assert(
      fc.asyncProperty(volume, async ({ batch, size, inner, outer, kernel, stride, pad, seed }) => {
        const shapes = [
          [batch, ...size.slice(1), inner],
          [kernel, kernel, inner, outer],
        ];
        await expectAsOnCpu((x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad), { shapes, seed });
      }),
      { numRuns: 12, seed: 1 },
    );
  });

  test('maxPool and maxPool3d and their gradients, tiled and overlapping', async () => {
    await fc.assert(
      fc.asyncProperty(volume, async ({ batch, size, inner, kernel, stride, pad, seed }) => {
        const given = { shapes: [[batch, ...size, inner]], seed };
        await expectAsOnCpu((x) => tf.maxPool3d(x as tf.Tensor5D, kernel, stride, pad), given);
        const flat = { shapes: [[batch, ...size.slice(1), inner]], seed };
        await expectAsOnCpu((x) => tf.maxPool(x as tf.Tensor4D, kernel, stride, pad), flat);
      }),
      { numRuns: 8, seed: 1 },
    );
  });

  test('average pooling', async () => {
    const compute: Compute = (x) => tf.avgPool3d(x as tf.Tensor5D, 2, 2, 'same');
    await expectAsOnCpu(compute, { shapes: [[2, 5, 4, 3, 2]], seed: 4 }, false);
  });

  test('batch normalisation with given statistics', async () => {
    const compute: Compute = (x, mean, variance, offset, scale) => tf.batchNorm(x, mean, variance, offset, scale);
    await expectAsOnCpu(compute, { shapes: [[2, 3, 4], [4], [4], [4], [4]], seed: 5, range: POSITIVE });
  });

  test('fused layers: matrix product, bias and activation in one call', async () => {
    for (const activation of ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const) {
      const compute: Compute = (a, b, bias) => tf.fused.matMul({ a: a, b: b, bias: bias, activation });
      await expectAsOnCpu(compute, { shapes: [[3, 4], [4, 2], [2]], seed: 6 });
    }
  });
});
