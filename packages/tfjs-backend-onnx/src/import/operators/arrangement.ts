/** Operators that move elements without computing. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../graph/op';
import type { Operator, OperatorCall } from '../operator';
import { axisOf, whereItLies } from '../operator';
import { clampSlice, reshapeTarget, sliceBounds } from '../static-arithmetic';
import { toChannelsFirst, toChannelsLast, Value } from '../value';

const isSameOrder = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();

/** Turning channels last, or back, is done by whoever reads the value, if at all. */
function transpose(call: OperatorCall): Value {
  const x = call.input(0);
  const perm = call.ints('perm') ?? x.shape.map((_, axis) => x.rank - 1 - axis);
  if (x.rank > 2) {
    if (isSameOrder(perm, toChannelsFirst(x.rank)) && !x.liesChannelsLast) return Value.channelsLast(x.tensor);
    if (isSameOrder(perm, toChannelsLast(x.rank)) && x.liesChannelsLast) return Value.of(x.channelsLast);
  }
  return Value.of(tf.transpose(x.tensor, [...perm]));
}

const reshapedTo = (x: Value, shape: readonly number[]): Value => Value.of(tf.reshape(x.tensor, [...shape]));

function squeeze(call: OperatorCall): Value {
  const x = call.input(0);
  const given = call.numbersOrAttribute(1, 'axes');
  const axes =
    given?.map((axis) => axisOf(axis, x.rank)) ?? x.shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  const target = x.shape.filter((_, axis) => !axes.includes(axis));
  return reshapedTo(x, target);
}

function unsqueeze(call: OperatorCall): Value {
  const x = call.input(0);
  const given = call.numbersOrAttribute(1, 'axes') ?? [];
  const rank = x.rank + given.length;
  const axes = given.map((axis) => axisOf(axis, rank));
  const rest = [...x.shape];
  return reshapedTo(
    x,
    Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!)),
  );
}

function flatten(call: OperatorCall): Value {
  const x = call.input(0);
  const axis = axisOf(call.int('axis', 1), x.rank);
  const rows = sizeOf(x.shape.slice(0, axis));
  return reshapedTo(x, [rows, x.size / rows]);
}

function concat(call: OperatorCall): Value {
  const values = call.inputs.filter((value) => value !== undefined).filter((value) => value.size > 0);
  const axis = call.int('axis', 0);
  const [first] = values;
  const last = values.find((value) => value.liesChannelsLast);
  if (!last) {
    return Value.of(
      tf.concat(
        values.map((value) => value.tensor),
        axisOf(axis, first!.rank),
      ),
    );
  }
  const places = toChannelsLast(last.rank);
  return Value.channelsLast(
    tf.concat(
      values.map((value) => value.channelsLast),
      places.indexOf(axisOf(axis, last.rank)),
    ),
  );
}

function split(call: OperatorCall): Value[] {
  const x = call.input(0);
  const axis = axisOf(call.int('axis', 0), x.rank);
  const parts = call.node.outputs.length;
  const size = Math.ceil(x.shape[axis]! / parts);
  const even = Array.from({ length: parts }, (_, i) => Math.min(size, x.shape[axis]! - i * size));
  const sizes = [...(call.numbersOrAttribute(1, 'split') ?? even)];
  if (!x.liesChannelsLast) return tf.split(x.tensor, sizes, axis).map((part) => Value.of(part));
  return tf.split(x.channelsLast, sizes, toChannelsLast(x.rank).indexOf(axis)).map((part) => Value.channelsLast(part));
}

/** Picks places along an axis; a constant one leaves no Gather behind. */
function pick(x: Tensor, places: readonly number[], axis: number): Tensor {
  const [first] = places;
  if (first !== undefined && places.every((place, i) => place === first + i)) {
    if (places.length === x.shape[axis]) return x;
    const begin = x.shape.map((_, i) => (i === axis ? first : 0));
    const size = x.shape.map((whole, i) => (i === axis ? places.length : whole));
    return tf.slice(x, begin, size);
  }
  return tf.gather(x, tf.tensor1d(Int32Array.from(places), 'int32'), axis);
}

function slice(call: OperatorCall): Value {
  const x = call.input(0);
  const { starts, ends, axes, steps } = sliceBounds(call, x.rank);
  return whereItLies(x, (tensor, at) =>
    axes.reduce((rest, axis, i) => {
      const { from, to, by } = clampSlice(starts[i]!, ends[i]!, steps[i]!, x.shape[axis]!);
      const count = Math.max(0, Math.ceil((to - from) / by));
      const places = Array.from({ length: count }, (_, k) => from + k * by);
      return pick(rest, places, at(axis));
    }, tensor),
  );
}

function gather(call: OperatorCall): Value {
  const [x, indices] = [call.input(0), call.input(1)];
  const axis = axisOf(call.int('axis', 0), x.rank);
  const size = x.shape[axis]!;
  if (indices.constant && indices.rank <= 1) {
    const places = Array.from(indices.constant.values, (at) => axisOf(at, size));
    const picked = pick(x.tensor, places, axis);
    return Value.of(indices.rank === 0 ? tf.squeeze(picked, [axis]) : picked);
  }
  const given = indices.tensor;
  const fromStart = tf.where(tf.less(given, 0), tf.add(given, tf.scalar(size, 'int32')), given);
  return Value.of(tf.gather(x.tensor, tf.cast(fromStart, 'int32'), axis));
}

/** Where x and the shape broadcast into each other. */
function expand(call: OperatorCall): Value {
  const x = call.input(0);
  const shape = tf.backend_util.assertAndGetBroadcastShape([...x.shape], call.numbers(1) ?? []);
  return Value.of(tf.broadcastTo(x.tensor, shape));
}

function pad(call: OperatorCall): Value {
  const x = call.input(0);
  const mode = call.text('mode', 'constant');
  const given = call.numbersOrAttribute(1, 'pads') ?? call.ints('paddings') ?? [];
  const axes = (call.numbers(3) ?? x.shape.map((_, axis) => axis)).map((axis) => axisOf(axis, x.rank));
  const filler = call.numbers(2)?.[0] ?? call.float('value', 0);
  const sides = new Map(axes.map((axis, i) => [axis, [given[i]!, given[i + axes.length]!] as const]));
  return whereItLies(x, (tensor, at) => {
    const cut = [...sides].reduce((rest, [axis, [before, after]]) => {
      const size = x.shape[axis]!;
      if (mode === 'constant') {
        const kept = Array.from(
          { length: size + Math.min(0, before) + Math.min(0, after) },
          (_, i) => i - Math.min(0, before),
        );
        return pick(rest, kept, at(axis));
      }
      const places = Array.from({ length: before + size + after }, (_, i) => sourceOf(i - before, size, mode));
      if (places.some(Number.isNaN)) throw call.unsupported(`mode ${mode}`);
      return pick(rest, places, at(axis));
    }, tensor);
    if (mode !== 'constant') return cut;
    const paddings = cut.shape.map((): [number, number] => [0, 0]);
    for (const [axis, [before, after]] of sides) paddings[at(axis)] = [Math.max(0, before), Math.max(0, after)];
    return tf.pad(cut, paddings, filler);
  });
}

/** Which element stands at a place outside. */
function sourceOf(at: number, size: number, mode: string): number {
  if (mode === 'edge') return Math.min(Math.max(at, 0), size - 1);
  if (mode === 'wrap') return ((at % size) + size) % size;
  if (mode !== 'reflect') return NaN;
  const period = Math.max(1, 2 * (size - 1));
  const folded = ((at % period) + period) % period;
  return folded < size ? folded : period - folded;
}

function oneHot(call: OperatorCall): Value {
  const indices = call.input(0);
  const depth = call.numbers(1)![0]!;
  const [off, on] = call.numbers(2)!;
  const axis = axisOf(call.int('axis', -1), indices.rank + 1);
  const hot = tf.oneHot(tf.cast(indices.tensor, 'int32'), depth, on, off, call.input(2).dtype);
  if (axis === hot.rank - 1) return Value.of(hot);
  const perm = Array.from({ length: indices.rank }, (_, i) => i);
  perm.splice(axis, 0, hot.rank - 1);
  return Value.of(tf.transpose(hot, perm));
}

/** Blocks of channels become pixels: column after row (DCR), or with the block before its channel (CRD). */
function depthToSpace(call: OperatorCall): Value {
  const [x, block] = [call.input(0), call.int('blocksize', 1)];
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const rest = channels / block ** 2;
  const isDepthFirst = call.text('mode', 'DCR') === 'DCR';
  const form = isDepthFirst ? [batch, block, block, rest, height, width] : [batch, rest, block, block, height, width];
  const perm = isDepthFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
  const moved = tf.transpose(tf.reshape(x.tensor, form), perm);
  return Value.of(tf.reshape(moved, [batch, rest, height * block, width * block]));
}

function spaceToDepth(call: OperatorCall): Value {
  const [x, block] = [call.input(0), call.int('blocksize', 1)];
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const form = [batch, channels, height / block, block, width / block, block];
  const moved = tf.transpose(tf.reshape(x.tensor, form), [0, 3, 5, 1, 2, 4]);
  return Value.of(tf.reshape(moved, [batch, channels * block ** 2, height / block, width / block]));
}

/** Keeps the part of a matrix on one side of its diagonal. */
function triangle(call: OperatorCall): Value {
  const x = call.input(0);
  const offset = call.numbers(1)?.[0] ?? 0;
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const keepsUpper = call.int('upper', 1) === 1;
  const keeps = Uint8Array.from({ length: rows * columns }, (_, i) => {
    const distance = (i % columns) - Math.floor(i / columns);
    return (keepsUpper ? distance >= offset : distance <= offset) ? 1 : 0;
  });
  return Value.of(tf.where(tf.tensor2d(keeps, [rows, columns], 'bool'), x.tensor, tf.zerosLike(x.tensor)));
}

export const arrangementOperators: Record<string, Operator> = {
  Reshape: (call) => {
    const x = call.input(0);
    return reshapedTo(x, reshapeTarget(call.numbers(1) ?? [], x.shape, call.int('allowzero', 0) === 1));
  },
  Flatten: flatten,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherND: (call) => {
    if (call.int('batch_dims', 0) !== 0) throw call.unsupported('batch_dims');
    return Value.of(tf.gatherND(call.input(0).tensor, call.input(1).tensor));
  },
  Expand: expand,
  Tile: (call) => Value.of(tf.tile(call.input(0).tensor, call.numbers(1) ?? [])),
  Pad: pad,
  OneHot: oneHot,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Trilu: triangle,
  ConstantOfShape: (call) => {
    const fill = call.constant('value');
    return Value.of(tf.fill(call.numbers(0) ?? [], fill?.values[0] ?? 0, fill?.dtype ?? 'float32'));
  },
};
