/**
 * What blocked lowerings are tried on: pieces of networks, because whether one is taken depends on the layout in which
 * its neighbours leave their results. A new blocked lowering needs a scene that reaches it.
 */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import type { Compute, Shape } from '../gradients/law';

export interface Trial {
  shapes: readonly Shape[];
  compute: Compute;
}

export interface Scene {
  name: string;
  trial: fc.Arbitrary<Trial>;
  /**
   * Whole numbers: their sums are the same in any order, so blocked and portable must agree.
   * Otherwise how far they may be apart, in parts of the largest value.
   */
  tolerance: 'whole numbers' | number;
  /** Shapes to try. */
  runs: number;
}

const batches = fc.constantFrom(1, 2, 3, 7, 16, 17);
const sizeUpTo = (max: number, min = 3): fc.Arbitrary<number> => fc.integer({ min, max });

/** Depths: even, odd, a multiple of 16; rows of any length, some of whole stretches of 16. */
const volumes = fc
  .tuple(batches, fc.constantFrom(2, 3, 4, 6, 7, 16), fc.constantFrom(2, 4, 5, 6), fc.constantFrom(4, 6, 7, 16, 32))
  .map(([batch, ...size]) => [size[0] * batch > 32 ? 2 : batch, ...size] as const);

const conv3 = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor): tf.Tensor =>
  tf.relu(tf.add(tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, 1, 'same'), bias));

/** Convolution, bias and ReLU twice, then max pooling by two: a block of LunaModel. */
function lunaBlock(name: string, channels: readonly (readonly [number, number])[], runs: number): Scene {
  const trial = fc.tuple(volumes, fc.constantFrom(...channels)).map(([[b, d, h, w], [inner, outer]]): Trial => {
    const pooled = d % 2 === 0 && h % 2 === 0 && w % 2 === 0;
    return {
      shapes: [[b, d, h, w, inner], [3, 3, 3, inner, outer], [outer], [3, 3, 3, outer, outer], [outer]],
      compute: (x, filter1, bias1, filter2, bias2) => {
        const y = conv3(conv3(x, filter1, bias1), filter2, bias2);
        return pooled ? tf.maxPool3d(y as tf.Tensor5D, 2, 2, 'valid') : y;
      },
    };
  });
  return { name, trial, tolerance: 'whole numbers', runs };
}

/** Convolutions that nothing is fused with, or a bias only. */
function bareConvolutions([inner, outer]: readonly [number, number]): Scene {
  const trial = volumes.map(([b, d, h, w]): Trial => {
    const filter = [3, 3, 3, inner, outer];
    return {
      shapes: [[b, d, h, w, inner], filter, filter, [outer]],
      compute: (x, filter1, filter2, bias) => {
        const [bare, other] = [filter1, filter2].map((f) => tf.conv3d(x as tf.Tensor5D, f as tf.Tensor5D, 1, 'same'));
        return tf.sub(tf.mul(bare!, bias), tf.add(other!, bias));
      },
    };
  });
  return {
    name: `convolutions without ReLU, ${inner} to ${outer} channels`,
    trial,
    tolerance: 'whole numbers',
    runs: 4,
  };
}

const anyWindow = fc.record({
  batch: batches,
  size: fc.array(sizeUpTo(9), { minLength: 3, maxLength: 3 }),
  inner: fc.constantFrom(8, 16, 32, 48),
  outer: fc.constantFrom(8, 16, 64, 128),
  kernel: fc.constantFrom(1, 2, 3, 5),
  stride: fc.integer({ min: 1, max: 3 }),
  pad: fc.constantFrom('same' as const, 'valid' as const),
});

function windowScene(rank: 2 | 3): Scene {
  const trial = anyWindow.map(({ batch, size, inner, outer, kernel, stride, pad }): Trial => {
    const spatial = size.slice(0, rank).map((n) => Math.max(n, kernel));
    const by = Math.min(stride, kernel);
    return {
      shapes: [
        [rank === 3 ? Math.min(batch, 3) : batch, ...spatial, inner],
        [...spatial.map(() => kernel), inner, outer],
        [outer],
      ],
      compute: (x, filter, bias) => {
        const sums =
          rank === 3
            ? tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, by, pad)
            : tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, by, pad);
        return tf.relu(tf.add(sums, bias));
      },
    };
  });
  return {
    name: `convolutions of ${rank} dimensions, any kernel and stride`,
    trial,
    tolerance: 'whole numbers',
    runs: 10,
  };
}

/** Filters of a million numbers over few pixels: the last stage of a ResNet. */
const largeFilters: Scene = {
  name: 'large filters over few pixels',
  trial: fc.tuple(fc.constantFrom(1, 2), sizeUpTo(4, 2), fc.constantFrom(1, 2)).map(([batch, size, stride]) => ({
    shapes: [[batch, size, size, 256], [3, 3, 256, 512], [512]],
    compute: (x, filter, bias) => {
      const sums = tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, 'same');
      return tf.add(tf.relu(tf.add(sums, bias)), sums);
    },
  })),
  tolerance: 'whole numbers',
  runs: 2,
};

const largeFiltersFused: Scene = {
  ...largeFilters,
  name: 'large filters over few pixels, with bias and ReLU',
  trial: sizeUpTo(4, 2).map((size) => ({
    shapes: [[1, size, size, 256], [3, 3, 256, 512], [512]],
    compute: (x, filter, bias) => tf.relu(tf.add(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same'), bias)),
  })),
};

/** The statistics of a batch and what is made of them, as tfjs-layers says it. */
function batchNorm(x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor {
  const { shape } = x;
  const flat = shape.length === 5 ? tf.reshape(x, [shape[0], shape[1] * shape[2], shape[3], shape[4]]) : x;
  const { mean, variance } = tf.moments(flat, [0, 1, 2]);
  const normal = tf.batchNorm(flat, mean, variance, offset, scale, 1e-3);
  return tf.reshape(normal, shape);
}

/** A residual block with batch norm; the shortcut has a convolution of its own where stride or channels change. */
function residualBlock(rank: 2 | 3): Scene {
  const given = fc.record({
    batch: fc.constantFrom(1, 2, 3, 5),
    size: fc.array(fc.constantFrom(4, 5, 6, 8), { minLength: 3, maxLength: 3 }),
    inner: fc.constantFrom(16, 32),
    outer: fc.constantFrom(16, 32, 64),
    stride: fc.constantFrom(1, 2),
  });
  const trial = given.map(({ batch, size, inner, outer, stride }): Trial => {
    const spatial = size.slice(0, rank);
    const window = spatial.map(() => 3);
    const conv = (x: tf.Tensor, filter: tf.Tensor, by: number, pad: 'same' | 'valid'): tf.Tensor =>
      rank === 3
        ? tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, by, pad)
        : tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, by, pad);
    return {
      shapes: [
        [batch, ...spatial, inner],
        [...window, inner, outer],
        [outer],
        [outer],
        [...window, outer, outer],
        [outer],
        [outer],
        [...spatial.map(() => 1), inner, outer],
      ],
      compute: (x, filter1, scale1, offset1, filter2, scale2, offset2, narrow) => {
        const y = tf.relu(batchNorm(conv(x, filter1, stride, 'same'), scale1, offset1));
        const body = batchNorm(conv(y, filter2, 1, 'same'), scale2, offset2);
        return tf.relu(tf.add(body, conv(x, narrow, stride, 'valid')));
      },
    };
  });
  return { name: `residual blocks of ${rank} dimensions with batch norm`, trial, tolerance: 1e-3, runs: 6 };
}

/** Normalisation of one channel, then its convolution: LunaModel's beginning. */
function normalizedInput(fits: boolean): Scene {
  const size = fits ? fc.constant([16, 16, 16] as const) : fc.constantFrom([6, 8, 16] as const, [5, 6, 7] as const);
  const trial = fc.tuple(fc.constantFrom(1, 2, 3), size).map(([batch, [d, h, w]]): Trial => ({
    shapes: [[batch, d, h, w, 1], [1], [1], [3, 3, 3, 1, 8], [8], [3, 3, 3, 8, 8], [8]],
    compute: (x, scale, offset, filter1, bias1, filter2, bias2) =>
      conv3(conv3(tf.add(tf.mul(x, scale), offset), filter1, bias1), filter2, bias2),
  }));
  return {
    name: `the input's scale and offset before a convolution, ${fits ? 'whole blocks' : 'any size'}`,
    trial,
    tolerance: 'whole numbers',
    runs: 3,
  };
}

/** The same with x a constant, as it is in training: then only sums of its gradient are wanted. */
const trainedInput: Scene = {
  ...normalizedInput(true),
  name: "the input's scale and offset, when nobody asks for the gradient of the input",
  trial: fc.constantFrom(1, 2, 17).map((batch) => ({
    shapes: [[1], [1], [3, 3, 3, 1, 8], [8], [3, 3, 3, 8, 8], [8]],
    compute: (scale, offset, filter1, bias1, filter2, bias2) => {
      const places = tf.mod(tf.range(0, batch * 16 ** 3), 5);
      const x = tf.reshape(tf.sub(places, 2), [batch, 16, 16, 16, 1]);
      return conv3(conv3(tf.add(tf.mul(x, scale), offset), filter1, bias1), filter2, bias2);
    },
  })),
};

const wholeSums: Scene = {
  name: 'sums and means of whole tensors',
  trial: fc
    .tuple(fc.integer({ min: 65, max: 90 }), fc.integer({ min: 65, max: 90 }), fc.boolean())
    .map(([n, m, ofOne]) => ({
      shapes: [ofOne ? [n, m, 1] : [n, m]],
      compute: (x) => (ofOne ? tf.add(tf.mean(x, [0, 1]), tf.sum(x, [0, 1])) : tf.add(tf.mean(x), tf.sum(x))),
    })),
  tolerance: 1e-4,
  runs: 4,
};

export const SCENES: Scene[] = [
  lunaBlock('a block of LunaModel, one channel to eight', [[1, 8]], 8),
  lunaBlock(
    'a block of LunaModel, eight channels',
    [
      [8, 8],
      [8, 16],
      [8, 32],
    ],
    12,
  ),
  lunaBlock(
    'a block of LunaModel, blocks of channels',
    [
      [16, 16],
      [16, 48],
      [32, 64],
      [64, 16],
      [32, 128],
    ],
    10,
  ),
  bareConvolutions([1, 8]),
  bareConvolutions([8, 8]),
  bareConvolutions([8, 16]),
  bareConvolutions([16, 32]),
  windowScene(2),
  windowScene(3),
  largeFilters,
  largeFiltersFused,
  residualBlock(2),
  residualBlock(3),
  normalizedInput(true),
  normalizedInput(false),
  trainedInput,
  wholeSums,
];
