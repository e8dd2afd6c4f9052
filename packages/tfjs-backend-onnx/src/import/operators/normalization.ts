/** Normalisations: with kept statistics, or over a sample's own values. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Operator, OperatorCall } from '../operator';
import { axisOf } from '../operator';
import { Value } from '../value';

function standardized(x: Tensor, axes: number[], epsilon: number): Tensor {
  const { mean, variance } = tf.moments(x, axes, true);
  return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon)));
}

/** With the statistics kept from training. */
function batchNormalization(call: OperatorCall): Value {
  if (call.int('training_mode', 0) === 1) throw call.unsupported('training mode');
  const image = call.input(0);
  const [scale, offset, mean, variance] = [1, 2, 3, 4].map((at) => call.input(at).tensor as tf.Tensor1D);
  const isPlain = image.rank < 3;
  const x = isPlain ? image.tensor : image.channelsLast;
  const y = tf.batchNorm(x as tf.Tensor4D, mean!, variance!, offset, scale, call.float('epsilon', 1e-5));
  return isPlain ? Value.of(y) : Value.channelsLast(y);
}

/** Over the dimensions from `axis` on. */
function layerNormalization(call: OperatorCall): Value {
  const x = call.input(0);
  if (call.node.outputs.slice(1).some(Boolean)) throw call.unsupported('the mean and deviation as outputs');
  const first = axisOf(call.int('axis', -1), x.rank);
  const axes = Array.from({ length: x.rank - first }, (_, i) => first + i);
  const scaled = tf.mul(standardized(x.tensor, axes, call.float('epsilon', 1e-5)), call.input(1).tensor);
  const bias = call.inputs[2];
  return Value.of(bias ? tf.add(scaled, bias.tensor) : scaled);
}

function rootMeanSquareNormalization(call: OperatorCall): Value {
  const x = call.input(0);
  const first = axisOf(call.int('axis', -1), x.rank);
  const axes = Array.from({ length: x.rank - first }, (_, i) => first + i);
  const meanSquare = tf.mean(tf.square(x.tensor), axes, true);
  const root = tf.rsqrt(tf.add(meanSquare, call.float('epsilon', 1e-5)));
  return Value.of(tf.mul(tf.mul(x.tensor, root), call.input(1).tensor));
}

/** Over space, for each sample and each group of channels. */
function groupNormalization(call: OperatorCall, groups: number): Value {
  const image = call.input(0);
  const x = image.channelsLast;
  const channels = x.shape.at(-1)!;
  const [batch, ...space] = x.shape.slice(0, -1);
  const grouped = tf.reshape(x, [batch!, space.reduce((a, b) => a * b, 1), groups, channels / groups]);
  const standard = tf.reshape(standardized(grouped, [1, 3], call.float('epsilon', 1e-5)), x.shape);
  return Value.channelsLast(tf.add(tf.mul(standard, perChannel(call, 1)), perChannel(call, 2)));
}

/** Until opset 21 a group's channels share one scale and offset. */
function perChannel(call: OperatorCall, at: number): Tensor {
  const values = call.input(at).tensor;
  const channels = call.input(0).shape[1]!;
  const each = channels / values.shape[0];
  return each === 1 ? values : tf.reshape(tf.tile(tf.reshape(values, [-1, 1]), [1, each]), [channels]);
}

export const normalizationOperators: Record<string, Operator> = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  RMSNormalization: rootMeanSquareNormalization,
  GroupNormalization: (call) => groupNormalization(call, call.int('num_groups', 1)),
  InstanceNormalization: (call) => groupNormalization(call, call.input(0).shape[1]!),
};
