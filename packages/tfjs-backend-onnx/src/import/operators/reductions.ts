/** Operators that sum up along axes. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Operator, OperatorCall } from '../operator';
import { axisOf, whereItLies } from '../operator';
import { Value } from '../value';

type Reduce = (x: Tensor, axes: number[], keepDims: boolean) => Tensor;

const reduction =
  (reduce: Reduce): Operator =>
  (call) => {
    const x = call.input(0);
    const given = call.numbersOrAttribute(1, 'axes');
    if (!given && call.int('noop_with_empty_axes', 0) === 1) return x;
    const axes = given ?? x.shape.map((_, axis) => axis);
    const keepDims = call.int('keepdims', 1) === 1;
    if (keepDims) {
      return whereItLies(x, (tensor, at) => reduce(tensor, axes.map(at), true));
    }
    const isOverSpace = axes.length === x.rank - 2 && axes.every((axis) => axisOf(axis, x.rank) >= 2);
    // What is left of space are batch and channels, in either order of the axes the same.
    if (x.liesChannelsLast && isOverSpace) {
      return Value.of(
        reduce(
          x.channelsLast,
          Array.from({ length: x.rank - 2 }, (_, i) => i + 1),
          false,
        ),
      );
    }
    return Value.of(
      reduce(
        x.tensor,
        axes.map((axis) => axisOf(axis, x.rank)),
        false,
      ),
    );
  };

const REDUCTIONS: Record<string, Reduce> = {
  ReduceSum: (x, axes, keep) => tf.sum(x, axes, keep),
  ReduceMean: (x, axes, keep) => tf.mean(x, axes, keep),
  ReduceMax: (x, axes, keep) => tf.max(x, axes, keep),
  ReduceMin: (x, axes, keep) => tf.min(x, axes, keep),
  ReduceProd: (x, axes, keep) => tf.prod(x, axes, keep),
  ReduceL1: (x, axes, keep) => tf.sum(tf.abs(x), axes, keep),
  ReduceL2: (x, axes, keep) => tf.sqrt(tf.sum(tf.square(x), axes, keep)),
  ReduceSumSquare: (x, axes, keep) => tf.sum(tf.square(x), axes, keep),
  ReduceLogSum: (x, axes, keep) => tf.log(tf.sum(x, axes, keep)),
  ReduceLogSumExp: (x, axes, keep) => tf.logSumExp(x, axes, keep),
};

/** The defaults before opset 13: the last dimensions from `axis` on are one. */
function softmax(call: OperatorCall, isLog: boolean): Value {
  const x = call.input(0);
  if (call.opset < 13) {
    const first = axisOf(call.int('axis', 1), x.rank);
    const rows = x.shape.slice(0, first).reduce((a, b) => a * b, 1);
    const flat = tf.reshape(x.tensor, [rows, -1]);
    return Value.of(tf.reshape(isLog ? tf.logSoftmax(flat) : tf.softmax(flat), [...x.shape]));
  }
  return whereItLies(x, (tensor, at) => {
    const axis = at(call.int('axis', -1));
    if (axis === tensor.rank - 1) return isLog ? tf.logSoftmax(tensor) : tf.softmax(tensor);
    // TF.js has it along the last axis only.
    const shifted = tf.sub(tensor, tf.max(tensor, axis, true));
    if (isLog) return tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), axis, true)));
    const powers = tf.exp(shifted);
    return tf.div(powers, tf.sum(powers, axis, true));
  });
}

function place(call: OperatorCall, find: (x: Tensor, axis: number) => Tensor): Value {
  if (call.int('select_last_index', 0) === 1) throw call.unsupported('the last of equal values');
  const x = call.input(0);
  const axis = axisOf(call.int('axis', 0), x.rank);
  const places = find(x.tensor, axis);
  return Value.of(call.int('keepdims', 1) === 1 ? tf.expandDims(places, axis) : places);
}

function topK(call: OperatorCall): Value[] {
  const x = call.input(0);
  const axis = axisOf(call.int('axis', -1), x.rank);
  if (axis !== x.rank - 1) throw call.unsupported('an axis that is not the last');
  const k = call.numbers(1)?.[0] ?? call.int('k', 1);
  if (call.int('largest', 1) === 1) {
    const { values, indices } = tf.topk(x.tensor, k);
    return [Value.of(values), Value.of(indices)];
  }
  const { values, indices } = tf.topk(tf.neg(x.tensor), k);
  return [Value.of(tf.neg(values)), Value.of(indices)];
}

export const reductionOperators: Record<string, Operator> = {
  ...Object.fromEntries(Object.entries(REDUCTIONS).map(([name, reduce]) => [name, reduction(reduce)])),
  Softmax: (call) => softmax(call, false),
  LogSoftmax: (call) => softmax(call, true),
  ArgMax: (call) => place(call, (x, axis) => tf.argMax(x, axis)),
  ArgMin: (call) => place(call, (x, axis) => tf.argMin(x, axis)),
  TopK: topK,
  CumSum: (call) => {
    const axis = call.numbers(1)![0]!;
    const [exclusive, reverse] = [call.int('exclusive', 0) === 1, call.int('reverse', 0) === 1];
    return whereItLies(call.input(0), (x, at) => tf.cumsum(x, at(axis), exclusive, reverse));
  },
  Hardmax: (call) => {
    const x = call.input(0);
    const axis = axisOf(call.int('axis', -1), x.rank);
    if (axis !== x.rank - 1) throw call.unsupported('an axis that is not the last');
    return Value.of(tf.cast(tf.oneHot(tf.argMax(x.tensor, axis), x.shape[axis]!), 'float32'));
  },
};
