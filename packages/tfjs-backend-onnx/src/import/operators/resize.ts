/**
 * Resize along one axis at a time: nearest by picking places, linear and cubic as a product with a matrix whose rows
 * say from which places an element comes. That holds for any rank and every convention of coordinates.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Operator, OperatorCall } from '../operator';
import { axisOf, whereItLies } from '../operator';
import { multiply } from './linear';
import type { Value } from '../value';

interface Axis {
  from: number;
  to: number;
  scale: number;
}

/** Where along the input an element of the output lies. */
const COORDINATES: Record<string, (at: number, axis: Axis) => number> = {
  half_pixel: (at, { scale }) => (at + 0.5) / scale - 0.5,
  half_pixel_symmetric: (at, { scale, from, to }) => {
    const adjustment = to / (scale * from);
    const centre = from / 2;
    return centre * (1 - adjustment) + (at + 0.5) / scale - 0.5;
  },
  pytorch_half_pixel: (at, { scale, to }) => (to > 1 ? (at + 0.5) / scale - 0.5 : 0),
  align_corners: (at, { from, to }) => (to === 1 ? 0 : (at * (from - 1)) / (to - 1)),
  asymmetric: (at, { scale }) => at / scale,
};

const NEAREST: Record<string, (x: number) => number> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Weights of the neighbours that an element at fraction `t` behind its first neighbour is made of. */
function neighbours(mode: string, t: number, a: number): { first: number; weights: number[] } {
  if (mode === 'linear') return { first: 0, weights: [1 - t, t] };
  const near = (x: number): number => (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
  const far = (x: number): number => a * x ** 3 - 5 * a * x ** 2 + 8 * a * x - 4 * a;
  return { first: -1, weights: [far(t + 1), near(t), near(1 - t), far(2 - t)] };
}

/** [from, to] */
function interpolation(axis: Axis, call: OperatorCall, mode: string, coordinate: (at: number) => number): Tensor {
  const { from, to } = axis;
  const excludesOutside = call.int('exclude_outside', 0) === 1;
  const matrix = new Float32Array(from * to);
  for (let column = 0; column < to; column++) {
    const x = coordinate(column);
    const { first, weights } = neighbours(mode, x - Math.floor(x), call.float('cubic_coeff_a', -0.75));
    const places = weights.map((_, k) => Math.floor(x) + first + k);
    const isInside = (place: number): boolean => place >= 0 && place < from;
    const counted = weights.map((weight, k) => (excludesOutside && !isInside(places[k]!) ? 0 : weight));
    const total = excludesOutside ? counted.reduce((a, b) => a + b, 0) : 1;
    counted.forEach((weight, k) => {
      const place = Math.min(Math.max(places[k]!, 0), from - 1);
      matrix[place * to + column]! += weight / total;
    });
  }
  return tf.tensor2d(matrix, [from, to]);
}

function resizeAxis(x: Tensor, at: number, axis: Axis, call: OperatorCall, mode: string): Tensor {
  const convention = call.text('coordinate_transformation_mode', call.opset < 11 ? 'asymmetric' : 'half_pixel');
  const transform = COORDINATES[convention];
  if (!transform) throw call.unsupported(`coordinates ${convention}`);
  const coordinate = (column: number): number => transform(column, axis);
  if (mode === 'nearest') {
    const round = NEAREST[call.text('nearest_mode', call.opset < 11 ? 'floor' : 'round_prefer_floor')]!;
    const places = Array.from({ length: axis.to }, (_, column) =>
      Math.min(Math.max(round(coordinate(column)), 0), axis.from - 1),
    );
    return tf.gather(x, tf.tensor1d(Int32Array.from(places), 'int32'), at);
  }
  const perm = x.shape.map((_, i) => i).filter((i) => i !== at);
  const moved = tf.transpose(x, [...perm, at]);
  const resized = multiply(moved, interpolation(axis, call, mode, coordinate));
  const back = x.shape.map((_, i) => (i === at ? x.rank - 1 : i < at ? i : i - 1));
  return tf.transpose(resized, back);
}

function resize(call: OperatorCall): Value {
  const x = call.input(0);
  const mode = call.text('mode', 'nearest').replace(/^bilinear$|^trilinear$/, 'linear');
  if (!['nearest', 'linear', 'cubic'].includes(mode)) throw call.unsupported(`mode ${mode}`);
  if (call.int('antialias', 0) === 1) throw call.unsupported('antialias');
  // Upsample and the first Resize have no region of interest.
  const isOld = call.node.opType === 'Upsample' || call.opset < 11;
  const scales = isOld ? call.numbersOrAttribute(1, 'scales') : call.numbers(2);
  const sizes = isOld ? undefined : call.numbers(3);
  const axes = (call.ints('axes') ?? x.shape.map((_, axis) => axis)).map((axis) => axisOf(axis, x.rank));
  const policy = call.text('keep_aspect_ratio_policy', 'stretch');
  if (policy !== 'stretch') throw call.unsupported(`keep_aspect_ratio_policy ${policy}`);
  return whereItLies(x, (tensor, at) =>
    axes.reduce((rest, axis, i) => {
      const from = x.shape[axis]!;
      const to = sizes ? sizes[i]! : Math.floor(from * scales![i]!);
      const scale = sizes ? to / from : scales![i]!;
      return to === from ? rest : resizeAxis(rest, at(axis), { from, to, scale }, call, mode);
    }, tensor),
  );
}

export const resizeOperators: Record<string, Operator> = { Resize: resize, Upsample: resize };
