/** NaN, infinities, what is almost zero, and the ends of int32: what tfjs-cpu makes of them, and where pooling differs. */
import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of TF.js's kernels.
import '@tensorflow/tfjs-layers';
import { registerOnnxBackend } from '../../src';
import { outcomeOn } from '../gradients/law';

type One = (x: tf.Tensor) => tf.Tensor;
type Two = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

afterAll(() => {
  tf.removeBackend('onnx');
});

const EXTREMES = Float32Array.of(NaN, Infinity, -Infinity, 0, -0, 1e-30, -1e-30, 1e20, -1e20, 3e38, -1);

/** To a few roundings of the value itself, however small; NaN and infinities as they are, zeros of either sign. */
function isClose(value: number, wanted: number): boolean {
  if (value === wanted || Object.is(value, wanted)) return true;
  return Math.abs(value - wanted) <= 1e-6 * Math.abs(wanted);
}

const OF_ONE: [string, One, boolean?][] = [
  ['relu', tf.relu],
  ['relu6', tf.relu6],
  ['elu', tf.elu],
  ['selu', tf.selu],
  ['leakyRelu', (x) => tf.leakyRelu(x, 0.25)],
  ['prelu', (x) => tf.prelu(x, tf.scalar(0.5))],
  ['sigmoid', tf.sigmoid],
  ['tanh', tf.tanh],
  ['softplus', tf.softplus],
  ['clipByValue', (x) => tf.clipByValue(x, -1, 1)],
  ['abs', tf.abs],
  ['square', tf.square, false],
  ['exp', tf.exp, false],
  ['log', tf.log, false],
  ['sqrt', tf.sqrt, false],
  ['step', tf.step, false],
  ['maximum', (x) => tf.maximum(x, 0.5), false],
  ['minimum', (x) => tf.minimum(x, 0.5), false],
  ['max', (x) => tf.max(x), false],
];

test.each(OF_ONE)(
  '%s of extremes, and the gradient where it says more, are those of tfjs-cpu',
  async (_, of, hasGradient = true) => {
    const backend = registerOnnxBackend({ threads: 1 });
    const inputs = [{ shape: [EXTREMES.length], values: EXTREMES }];
    const expected = await outcomeOn('cpu', of, inputs, hasGradient);
    const actual = await outcomeOn('onnx', of, inputs, hasGradient);
    [actual.values, ...actual.gradients].forEach((values, i) => {
      const wanted = [expected.values, ...expected.gradients][i]!;
      expect([...values].map((value, at) => (isClose(value, wanted[at]!) ? 'as' : value))).toEqual(
        [...wanted].map(() => 'as'),
      );
    });
    expect(backend.fallbacks.size).toBe(0);
  },
);

const LIMITS = [2147483647, -2147483648, -2147483648, 5, -5, 7, 0, -7];
const DIVISORS = [1, -1, 1, 0, 3, -3, 0, -2147483648];

test.each([
  ['add', tf.add],
  ['sub', tf.sub],
  ['mod', tf.mod],
  ['floorDiv', tf.floorDiv],
  ['div', tf.div],
  ['maximum', tf.maximum],
  ['minimum', tf.minimum],
] as [string, Two][])('%s at the ends of int32, and by zero, is that of tfjs-cpu', async (_, of) => {
  registerOnnxBackend({ threads: 1 });
  const results: number[][] = [];
  for (const backend of ['cpu', 'onnx']) {
    await tf.setBackend(backend);
    results.push([...of(tf.tensor1d(LIMITS, 'int32'), tf.tensor1d(DIVISORS, 'int32')).dataSync()].map((v) => v + 0));
  }
  expect(results[1]).toEqual(results[0]);
});

/** The gradient of the one 2×2×2 window that these eight are, after a ReLU. */
async function poolGradient(values: number[], portableOnly: boolean): Promise<number[]> {
  registerOnnxBackend({ threads: 1, portableOnly });
  await tf.setBackend('onnx');
  const channels = 16;
  const x = tf.tensor5d(
    values.flatMap((value) => Array<number>(channels).fill(value)),
    [1, 2, 2, 2, channels],
  );
  const pool = (y: tf.Tensor): tf.Tensor => tf.maxPool3d(tf.relu(y as tf.Tensor5D), 2, 2, 'valid');
  const gradient = await tf.grad(pool)(x).data();
  return values.map((_, i) => gradient[i * channels]!);
}

describe.each([
  ['blocked', false],
  ['portable', true],
])('the gradient of a pooling window after a ReLU, %s', (_, portableOnly) => {
  test.each<[string, number[], number]>([
    ['the largest', [1, 2, 3, 4, 5, 6, 7, 8], 7],
    ['the first of equals', [2, 3, 3, 3, 1, 3, 3, 3], 1],
    ['the largest of huge values', [1e4, 1e20, 2e38, 3e38, 1, 2, 3, 4], 3],
    ['the larger by 2⁻¹⁹, wherever it stands', [1, 1, 1, 1, 1, 1, 1, 1 + 2 ** -19], 7],
    ['the first of those within 7 · 2⁻²² of the largest', [1, 1, 1, 1, 1, 1, 1, 1 + 2 ** -20], 0],
    ['the first of equals that are tiny', [1e-28, 1e-28, 1e-28, 1e-28, 1e-28, 1e-28, 1e-28, 1e-28], 0],
  ])('goes to %s', async (__, values, winner) => {
    const gradient = await poolGradient(values, portableOnly);
    expect(gradient).toEqual(values.map((___, i) => (i === winner ? 1 : 0)));
  });

  test('is nothing where the ReLU let nothing through', async () => {
    expect(await poolGradient([-1, 0, -3, 0, 0, -1e-30, -1e20, 0], portableOnly)).toEqual(Array(8).fill(0));
  });

  test('is NaN where the largest is infinite or NaN, so that a diverged training is seen', async () => {
    expect((await poolGradient([1, Infinity, 2, 3, 4, 5, 6, 7], portableOnly))[1]).toBeNaN();
    expect((await poolGradient([1, NaN, 2, 3, 4, 5, 6, 7], portableOnly))[1]).toBeNaN();
  });
});
