/**
 * LunaModel as plain TF.js operations, for tests and measurements of the engine: BatchNorm(1), four blocks of
 * conv-relu-conv-relu-maxpool, a linear layer over PyTorch's order (channels, slices, rows, columns).
 */
import * as tf from '@tensorflow/tfjs-core';
import { seededRandom } from 'seeded-random';

export const PATCH = [32, 48, 48] as const;
const CHANNELS = [1, 8, 16, 32, 64] as const;

export interface LunaParameters {
  /** Filters [3, 3, 3, I, O] and biases [O], two a block. */
  convolutions: { filter: tf.Tensor5D; bias: tf.Tensor1D }[];
  head: { weights: tf.Tensor2D; bias: tf.Tensor1D };
  scale: tf.Tensor1D;
  offset: tf.Tensor1D;
}

/** Mean and variance of the input, kept from training. */
export interface InputStatistics {
  mean: tf.Tensor1D;
  variance: tf.Tensor1D;
}

/** @param x [B, D, H, W, 1]; @returns logits [B, 2] */
export function lunaModel(x: tf.Tensor5D, parameters: LunaParameters, statistics?: InputStatistics): tf.Tensor2D {
  let y = normalize(x, parameters, statistics);
  parameters.convolutions.forEach(({ filter, bias }, i) => {
    y = tf.relu(tf.add(tf.conv3d(y, filter, 1, 'same'), bias));
    if (i % 2 === 1) y = tf.maxPool3d(y, 2, 2, 'valid');
  });
  const flat = tf.reshape(tf.transpose(y, [0, 4, 1, 2, 3]), [y.shape[0], -1]);
  return tf.add(tf.matMul<tf.Tensor2D>(flat as tf.Tensor2D, parameters.head.weights), parameters.head.bias);
}

function normalize(x: tf.Tensor5D, { scale, offset }: LunaParameters, statistics?: InputStatistics): tf.Tensor5D {
  const { mean, variance } = statistics ?? tf.moments(x);
  const deviation = tf.sqrt(tf.add(variance, 1e-5));
  return tf.add(tf.mul(tf.div(tf.sub(x, mean), deviation), scale), offset);
}

/** He-initialised variables, the same on every backend. */
export function randomParameters(seed: number, depth: 1 | 2 | 3 | 4 = 4, features = 1152): LunaParameters {
  const random = seededRandom(seed);
  const normal = (shape: number[], deviation: number): tf.Variable =>
    tf.variable(
      tf.tensor(
        Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal() * deviation),
        shape,
      ),
    );
  const convolutions = CHANNELS.slice(1, depth + 1).flatMap((out, i) =>
    [CHANNELS[i]!, out].map((inner) => ({
      filter: normal([3, 3, 3, inner, out], Math.sqrt(2 / (27 * out))) as tf.Tensor as tf.Tensor5D,
      bias: normal([out], 0.01) as tf.Tensor as tf.Tensor1D,
    })),
  );
  return {
    convolutions,
    head: {
      weights: normal([features, 2], 0.03) as tf.Tensor as tf.Tensor2D,
      bias: normal([2], 0.01) as tf.Tensor as tf.Tensor1D,
    },
    scale: normal([1], 1) as tf.Tensor as tf.Tensor1D,
    offset: normal([1], 0.1) as tf.Tensor as tf.Tensor1D,
  };
}

/** An array as NumPy stores it. */
export interface NumpyArray {
  shape: number[];
  values: Float32Array;
}

/** The weights of `weights.npz`, turned from PyTorch's layouts into those of TF.js. */
export function trainedParameters(arrays: Map<string, NumpyArray>): LunaParameters & { statistics: InputStatistics } {
  const array = (name: string): tf.Tensor => {
    const { values, shape } = arrays.get(name)!;
    return tf.tensor(values, shape);
  };
  const convolutions = [1, 2, 3, 4].flatMap((block) =>
    [1, 2].map((conv) => ({
      filter: tf.transpose<tf.Tensor5D>(array(`block${block}.conv${conv}.weight`) as tf.Tensor5D, [2, 3, 4, 1, 0]),
      bias: array(`block${block}.conv${conv}.bias`) as tf.Tensor1D,
    })),
  );
  return {
    convolutions,
    head: {
      weights: tf.transpose<tf.Tensor2D>(array('head_linear.weight') as tf.Tensor2D),
      bias: array('head_linear.bias') as tf.Tensor1D,
    },
    scale: array('tail_batchnorm.weight') as tf.Tensor1D,
    offset: array('tail_batchnorm.bias') as tf.Tensor1D,
    statistics: {
      mean: array('tail_batchnorm.running_mean') as tf.Tensor1D,
      variance: array('tail_batchnorm.running_var') as tf.Tensor1D,
    },
  };
}

/** The signature of the platform: raw HU in, clipped inside. */
export function classify(
  patch: tf.Tensor,
  parameters: LunaParameters,
  statistics: InputStatistics,
): { logits: tf.Tensor; probabilities: tf.Tensor } {
  const x = tf.reshape(tf.clipByValue(patch, -1000, 1000), [patch.shape[0], ...PATCH, 1]);
  const logits = lunaModel(x as tf.Tensor5D, parameters, statistics);
  return { logits, probabilities: tf.softmax(logits) };
}
