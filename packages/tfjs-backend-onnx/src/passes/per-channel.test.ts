import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of TF.js's kernels.
import { layers } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
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

const axesOf = (x: tf.Tensor) => x.shape.slice(0, -1).map((_, axis) => axis);

/** Batch normalisation in training, as people write it. */
const byHand: Compute = (x, scale, offset) => {
  const { mean, variance } = tf.moments(x, axesOf(x));
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-3))), scale), offset);
};
const byQuotient: Compute = (x, scale, offset) => {
  const { mean, variance } = tf.moments(x, axesOf(x), true);
  return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3))), scale), offset);
};
const byKernel: Compute = (x, scale, offset) => {
  const { mean, variance } = tf.moments(x, axesOf(x));
  return tf.batchNorm4d(
    x as tf.Tensor4D,
    mean as tf.Tensor1D,
    variance as tf.Tensor1D,
    offset as tf.Tensor1D,
    scale as tf.Tensor1D,
  );
};

/** With a residual and an activation after it, and something nonlinear before. */
const inNetwork =
  (normalize: Compute): Compute =>
  (x, scale, offset) => {
    const residual = tf.relu(tf.add(normalize(tf.square(x), scale, offset), x));
    return tf.mul(tf.sub(normalize(residual, offset, scale), tf.neg(residual)), tf.scalar(0.5));
  };

const sizes = fc.record({
  rank: fc.constantFrom(4, 5),
  size: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 4, maxLength: 4 }),
  channels: fc.constantFrom(16, 32, 12),
  seed: fc.integer({ min: 0, max: 1e6 }),
});

describe('batch normalisation, gathered per channel, is that of tfjs-cpu, and so are its gradients', () => {
  test.each([
    ['by hand', byHand],
    ['as a quotient', byQuotient],
    ['by hand in a network', inNetwork(byHand)],
    ['as a quotient in a network', inNetwork(byQuotient)],
  ])('%s', async (_, compute) => {
    await fc.assert(
      fc.asyncProperty(sizes, async ({ rank, size, channels, seed }) => {
        const shapes = [[2, ...size.slice(0, rank - 2), channels], [channels], [channels]];
        await expectAsOnCpu(compute, { shapes, seed });
      }),
      { numRuns: 6, seed: 2 },
    );
  });

  test.each([
    ["TF.js's kernel", byKernel],
    ["TF.js's kernel in a network", inNetwork(byKernel)],
  ])('%s', async (_, compute) => {
    await expectAsOnCpu(compute, { shapes: [[3, 5, 4, 32], [32], [32]], seed: 7 });
    expect(kernels()).toContain('ChannelAffine');
    expect(kernels()).toContain('ChannelDot');
    expect(kernels().filter((kernel) => ['FusedBatchNorm', 'Tile', 'SquaredDifference'].includes(kernel))).toEqual([]);
  });

  test("tf.layers' layer, trained and used", async () => {
    for (const training of [true, false]) {
      const compute: Compute = (x) => layers.batchNormalization({}).apply(tf.square(x), { training }) as tf.Tensor;
      await expectAsOnCpu(compute, { shapes: [[2, 3, 4, 16]], seed: 3 });
    }
  });

  test('a few numbers around a large mean keep their digits', async () => {
    const far: Compute = (x, scale, offset) => byHand(tf.add(tf.mul(tf.round(x), 2), 4096), scale, offset);
    await expectAsOnCpu(far, { shapes: [[4, 8, 8, 16], [16], [16]], seed: 3, range: [0.5, 4] }, false);
  });
});

test('the ones in the gradients of sums and means are never written', async () => {
  const write = jest.spyOn(backend, 'write');
  const compute: Compute = (x) => tf.add(tf.sum(tf.square(x), [1, 2]), tf.mean(tf.square(x), [1, 2]));
  await expectAsOnCpu(compute, { shapes: [[2, 30, 20, 16]], seed: 6 });
  const sizes = write.mock.calls.map(([values]) => values.length);
  expect(sizes.filter((size) => size === 2 * 30 * 20 * 16)).toHaveLength(1);
  write.mockRestore();
});

test('an optimizer that steps filters works on them as they lie', async () => {
  const step: Compute = (w, m, g) => tf.sub(w, tf.mul(tf.scalar(0.1), tf.add(tf.mul(m, tf.scalar(0.9)), g)));
  for (const shape of [
    [3, 3, 32, 16],
    [3, 3, 3, 1, 48],
  ]) {
    await expectAsOnCpu(step, { shapes: [shape, shape, shape], seed: 6 });
  }
});

describe('sums over all but the channels', () => {
  const compute: [string, Compute][] = [
    ['of a difference', (x, y, v) => tf.sum(tf.sub(tf.mul(x, v), y), axesOf(x))],
    ['of a product', (x, y, v) => tf.mean(tf.mul(tf.add(x, v), tf.sub(y, 3)), axesOf(x), true)],
    ['of a squared difference', (x, y, v) => tf.mul(tf.sum(tf.squaredDifference(x, y), axesOf(x)), v)],
    ['of constants', (x, y, v) => tf.add(tf.sum(tf.mul(tf.onesLike(x), v), axesOf(x)), tf.sum(y, axesOf(y)))],
    ['with a number', (x, y, v) => tf.sum(tf.div(tf.add(tf.mul(x, 2), y), tf.add(tf.abs(v), 1)), axesOf(x))],
  ];
  test.each(compute)('%s', async (_, sum) => {
    for (const shape of [
      [2, 3, 4, 16],
      [2, 2, 3, 4, 32],
      [1, 20, 20, 16],
    ]) {
      const channels = shape.at(-1)!;
      await expectAsOnCpu(sum, { shapes: [shape, shape, [channels]], seed: 6 });
    }
  });
});
