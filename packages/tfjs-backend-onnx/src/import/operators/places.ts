/** Operators that read and write single elements at computed places along an axis. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { Shape } from '../../graph/op';
import { sizeOf } from '../../graph/op';
import type { Operator, OperatorCall } from '../operator';
import { axisOf } from '../operator';
import { Value } from '../value';

/**
 * Where in a flat tensor of `shape` the elements are that `indices` names along an axis, each at its own place along
 * the others. Negative indices count from the end.
 */
function flatPlaces(indices: Tensor, shape: Shape, axis: number): Tensor1D {
  const stride = (at: number): number => sizeOf(shape.slice(at + 1));
  const around = new Int32Array(indices.size);
  for (let i = 0; i < around.length; i++) {
    let rest = i;
    for (let at = indices.rank - 1; at >= 0; at--) {
      const place = rest % indices.shape[at]!;
      rest = Math.floor(rest / indices.shape[at]!);
      if (at !== axis) around[i]! += place * stride(at);
    }
  }
  const size = tf.scalar(shape[axis]!, 'int32');
  const fromStart = tf.where(tf.less(indices, 0), tf.add(indices, size), indices);
  const along = tf.mul(tf.reshape(tf.cast(fromStart, 'int32'), [-1]), tf.scalar(stride(axis), 'int32'));
  return tf.add(along, tf.tensor1d(around, 'int32'));
}

function gatherElements(call: OperatorCall): Value {
  const [x, indices] = [call.input(0), call.input(1).tensor];
  const places = flatPlaces(indices, x.shape, axisOf(call.int('axis', 0), x.rank));
  return Value.of(tf.reshape(tf.gather(tf.reshape(x.tensor, [-1]), places), indices.shape));
}

function scatterElements(call: OperatorCall): Value {
  const [x, indices, updates] = [call.input(0), call.input(1).tensor, call.input(2).tensor];
  const places = flatPlaces(indices, x.shape, axisOf(call.int('axis', 0), x.rank));
  const [flat, given] = [tf.reshape(x.tensor, [-1]), tf.reshape(updates, [-1])];
  return Value.of(tf.reshape(write(call, flat, places, given), [...x.shape]));
}

function write(call: OperatorCall, flat: Tensor, places: Tensor1D, given: Tensor): Tensor {
  const reduction = call.text('reduction', 'none');
  if (reduction === 'none') return tf.tensorScatterUpdate(flat, tf.expandDims(places, 1), given);
  if (reduction === 'add') return tf.add(flat, tf.unsortedSegmentSum(given, places, flat.size));
  throw call.unsupported(`reduction ${reduction}`);
}

function scatterNd(call: OperatorCall): Value {
  const [x, indices, updates] = [call.input(0), call.input(1), call.input(2)].map((value) => value.tensor);
  const reduction = call.text('reduction', 'none');
  if (reduction === 'none') return Value.of(tf.tensorScatterUpdate(x!, tf.cast(indices!, 'int32'), updates!));
  if (reduction !== 'add') throw call.unsupported(`reduction ${reduction}`);
  return Value.of(tf.add(x!, tf.scatterND(tf.cast(indices!, 'int32'), updates!, x!.shape as [number])));
}

export const placeOperators: Record<string, Operator> = {
  GatherElements: gatherElements,
  ScatterElements: scatterElements,
  ScatterND: scatterNd,
};
