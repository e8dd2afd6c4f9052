/** A ResNet-18 of three dimensions in plain TF.js: `@tensorflow/tfjs-layers` normalises at most four dimensions. */
import * as tf from '@tensorflow/tfjs-core';
import { EPSILON, blocksOf, hasProjection, type Architecture, type Block } from '../resnet/architecture';
import type { Weight } from '../resnet/task';

/** What PyTorch calls momentum 0.1. */
const KEPT_OF_STATISTICS = 0.9;

export interface Network {
  /** @returns logits [B, classes] */
  forward: (x: tf.Tensor5D, isTraining: boolean) => tf.Tensor2D;
}

/** Makes a variable of each weight. */
export function makeNetwork(architecture: Architecture, weights: ReadonlyMap<string, Weight>): Network {
  const variables = new Map(
    [...weights].map(([name, { shape, values }]) => [name, tf.variable(tf.tensor(values, shape), true, name)]),
  );
  const variable = (name: string): tf.Tensor => variables.get(name)!;
  const statistics = new Map<string, { mean: tf.Variable; variance: tf.Variable }>();
  for (const name of variables.keys()) {
    if (!name.endsWith('.scale')) continue;
    const { shape } = variable(name);
    const [mean, variance] = [tf.variable(tf.zeros(shape), false), tf.variable(tf.ones(shape), false)];
    statistics.set(name.slice(0, -'.scale'.length), { mean, variance });
  }

  function normalize(x: tf.Tensor5D, name: string, isTraining: boolean): tf.Tensor5D {
    const kept = statistics.get(name)!;
    const current = isTraining ? tf.moments(x, [0, 1, 2, 3]) : kept;
    if (isTraining) {
      for (const which of ['mean', 'variance'] as const) {
        const moved = tf.mul(tf.sub(kept[which], current[which]), 1 - KEPT_OF_STATISTICS);
        kept[which].assign(tf.sub(kept[which], moved));
      }
    }
    const factor = tf.mul(tf.rsqrt(tf.add(current.variance, EPSILON)), variable(`${name}.scale`));
    return tf.add(tf.mul(tf.sub(x, current.mean), factor), variable(`${name}.offset`));
  }

  function convolve(x: tf.Tensor5D, name: string, strides: readonly number[], isTraining: boolean): tf.Tensor5D {
    const filter = variable(`${name}.filter`) as tf.Tensor5D;
    const around = filter.shape.slice(0, 3).map((size) => [(size - 1) / 2, (size - 1) / 2] as [number, number]);
    const padded = around.some(([size]) => size > 0) ? tf.pad(x, [[0, 0], ...around, [0, 0]]) : x;
    return normalize(tf.conv3d(padded, filter, strides as [number, number, number], 'valid'), name, isTraining);
  }

  function residual(x: tf.Tensor5D, block: Block, isTraining: boolean): tf.Tensor5D {
    const strides = Array<number>(3).fill(block.stride);
    const inside = tf.relu(convolve(x, `${block.name}.1`, strides, isTraining));
    const sum = convolve(inside, `${block.name}.2`, [1, 1, 1], isTraining);
    const shortcut = hasProjection(block) ? convolve(x, `${block.name}.shortcut`, strides, isTraining) : x;
    return tf.relu(tf.add(sum, shortcut));
  }

  return {
    forward(x, isTraining) {
      let y = tf.relu(convolve(x, 'stem', architecture.stem.stride, isTraining));
      for (const block of blocksOf(architecture)) y = residual(y, block, isTraining);
      const features = tf.mean<tf.Tensor2D>(y, [1, 2, 3]);
      return tf.add(tf.matMul(features, variable('head.weights') as tf.Tensor2D), variable('head.bias'));
    },
  };
}
