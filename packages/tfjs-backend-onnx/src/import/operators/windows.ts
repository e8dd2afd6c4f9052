/** Operators with a window that slides over the spatial dimensions: convolutions and pools of one to three. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import type { Operator, OperatorCall } from '../operator';
import { Value } from '../value';

type Pads = readonly (readonly [before: number, after: number])[];

interface Window {
  kernel: readonly number[];
  strides: readonly number[];
  dilations: readonly number[];
  pads: Pads;
}

/** The window of a node over an input of these spatial sizes. */
function windowOf(call: OperatorCall, sizes: readonly number[], kernel: readonly number[]): Window {
  const strides = call.ints('strides') ?? sizes.map(() => 1);
  const dilations = call.ints('dilations') ?? sizes.map(() => 1);
  const given = call.ints('pads') ?? sizes.flatMap(() => [0, 0]);
  const automatic = call.text('auto_pad', 'NOTSET');
  const pads = sizes.map((size, i): [number, number] => {
    const reach = (kernel[i]! - 1) * dilations[i]! + 1;
    if (automatic === 'VALID') return [0, 0];
    if (automatic === 'NOTSET') {
      const [before, after] = [given[i]!, given[i + sizes.length]!];
      return [
        before,
        after + (call.int('ceil_mode', 0) === 1 ? roundUp(size + before + after - reach, strides[i]!) : 0),
      ];
    }
    const total = Math.max(0, (Math.ceil(size / strides[i]!) - 1) * strides[i]! + reach - size);
    const small = Math.floor(total / 2);
    return automatic === 'SAME_UPPER' ? [small, total - small] : [total - small, small];
  });
  return { kernel, strides, dilations, pads };
}

/** What a window that only begins inside needs at the far edge. */
function roundUp(travel: number, stride: number): number {
  return travel % stride === 0 ? 0 : stride - (travel % stride);
}

/** One dimension is computed as two, the first of size one. */
function asPlane(window: Window): Window {
  if (window.kernel.length > 1) return window;
  const { kernel, strides, dilations, pads } = window;
  return {
    kernel: [1, ...kernel],
    strides: [1, ...strides],
    dilations: [1, ...dilations],
    pads: [[0, 0], ...pads],
  };
}

const withRow = (x: Tensor): Tensor => tf.expandDims(x, 1);

const isUniform = (pads: Pads): boolean => pads.flat().every((pad) => pad === pads[0]![0]);
const isNothing = (pads: Pads): boolean => pads.flat().every((pad) => pad === 0);

/** Padding as TF.js's operations take it: in three dimensions the same number on all sides, else done before. */
function padded(x: Tensor, pads: Pads, filler: number): { x: Tensor; pad: number | 'valid' } {
  if (isNothing(pads)) return { x, pad: 'valid' };
  if (isUniform(pads)) return { x, pad: pads[0]![0] };
  return { x: padSides(x, pads, filler), pad: 'valid' };
}

function padSides(x: Tensor, pads: Pads, filler: number): Tensor {
  return tf.pad(x, [[0, 0], ...pads.map(([before, after]): [number, number] => [before, after]), [0, 0]], filler);
}

const two = (values: readonly number[]) => values as unknown as [number, number];
const three = (values: readonly number[]) => values as unknown as [number, number, number];

/** TF.js's own type for it leaves the number out, its kernels take it. */
const deepPad = (pad: number | 'valid') => pad as 'valid';

/** @param x [batch, …spatial, channels]; @param filter […kernel, in, out] */
function convolve(x: Tensor, filter: Tensor, window: Window): Tensor {
  const ready = padded(x, window.pads, 0);
  if (window.kernel.length === 3) {
    return tf.conv3d(
      ready.x as Tensor5D,
      filter as Tensor5D,
      three(window.strides),
      deepPad(ready.pad),
      'NDHWC',
      three(window.dilations),
    );
  }
  return tf.conv2d(
    ready.x as Tensor4D,
    filter as Tensor4D,
    two(window.strides),
    ready.pad,
    'NHWC',
    two(window.dilations),
  );
}

function conv(call: OperatorCall): Value {
  const [image, weights] = [call.input(0), call.input(1)];
  const rank = image.rank - 2;
  const window = windowOf(call, image.shape.slice(2), weights.shape.slice(2));
  // [O, I, …kernel] → […kernel, I, O]
  const turned = tf.transpose(weights.tensor, [...Array.from({ length: rank }, (_, i) => i + 2), 1, 0]);
  const [x, filter] =
    rank === 1 ? [withRow(image.channelsLast), tf.expandDims(turned, 0)] : [image.channelsLast, turned];
  const groups = call.int('group', 1);
  const convolved = convolveGroups(x, filter, asPlane(window), groups);
  const y = rank === 1 ? tf.squeeze(convolved, [1]) : convolved;
  const bias = call.inputs[2];
  return Value.channelsLast(bias ? tf.add(y, bias.tensor) : y);
}

function convolveGroups(x: Tensor, filter: Tensor, window: Window, groups: number): Tensor {
  if (groups === 1) return convolve(x, filter, window);
  const channels = x.shape.at(-1)!;
  if (groups === channels && window.kernel.length === 2) {
    const ready = padded(x, window.pads, 0);
    const multiplier = filter.shape.at(-1)! / channels;
    const each = tf.reshape<tf.Rank.R4>(filter, [window.kernel[0]!, window.kernel[1]!, channels, multiplier]);
    const [strides, dilations] = [two(window.strides), two(window.dilations)];
    return tf.depthwiseConv2d(ready.x as Tensor4D, each, strides, ready.pad, 'NHWC', dilations);
  }
  const filters = tf.split(filter, groups, -1);
  return tf.concat(
    tf.split(x, groups, -1).map((part, i) => convolve(part, filters[i]!, window)),
    -1,
  );
}

/** Without padding, then cut to size: TF.js's transposed convolution knows neither ONNX's pads nor its remainder. */
function convTranspose(call: OperatorCall): Value {
  const [image, weights] = [call.input(0), call.input(1)];
  const rank = image.rank - 2;
  if (call.int('group', 1) !== 1) throw call.unsupported('groups');
  if (call.ints('dilations')?.some((d) => d !== 1)) throw call.unsupported('dilations');
  const sizes = image.shape.slice(2);
  const kernel = weights.shape.slice(2);
  const strides = call.ints('strides') ?? sizes.map(() => 1);
  const extra = call.ints('output_padding') ?? sizes.map(() => 0);
  const full = sizes.map((size, i) => (size - 1) * strides[i]! + kernel[i]!);
  const { begin, target } = cutOf(call, full, extra, sizes, strides);

  // [I, O, …kernel] → […kernel, O, I]
  const turned = tf.transpose(weights.tensor, [...Array.from({ length: rank }, (_, i) => i + 2), 1, 0]);
  const [x, filter] =
    rank === 1 ? [withRow(image.channelsLast), tf.expandDims(turned, 0)] : [image.channelsLast, turned];
  const shape = [image.shape[0]!, ...(rank === 1 ? [1] : []), ...full, weights.shape[1]!];
  const whole =
    rank === 3
      ? tf.conv3dTranspose(
          x as Tensor5D,
          filter as Tensor5D,
          shape as [number, number, number, number, number],
          three(strides),
          'valid',
        )
      : tf.conv2dTranspose(
          x as Tensor4D,
          filter as Tensor4D,
          shape as unknown as [number, number, number, number],
          two(rank === 1 ? [1, ...strides] : strides),
          'valid',
        );
  const y = resized(rank === 1 ? tf.squeeze(whole, [1]) : whole, begin, target);
  const bias = call.inputs[2];
  return Value.channelsLast(bias ? tf.add(y, bias.tensor) : y);
}

/** Where in the whole result the answer begins, and how large it is. */
function cutOf(
  call: OperatorCall,
  full: readonly number[],
  extra: readonly number[],
  sizes: readonly number[],
  strides: readonly number[],
): { begin: number[]; target: number[] } {
  const asked = call.ints('output_shape');
  const automatic = call.text('auto_pad', 'NOTSET');
  if (asked || automatic.startsWith('SAME')) {
    const target = asked ? asked.slice(-full.length) : sizes.map((size, i) => size * strides[i]!);
    const total = full.map((size, i) => Math.max(0, size + extra[i]! - target[i]!));
    const isUpper = automatic === 'SAME_UPPER';
    return { target, begin: total.map((pad) => (isUpper ? Math.floor(pad / 2) : Math.ceil(pad / 2))) };
  }
  const pads = call.ints('pads') ?? full.flatMap(() => [0, 0]);
  return {
    begin: full.map((_, i) => pads[i]!),
    target: full.map((size, i) => size + extra[i]! - pads[i]! - pads[i + full.length]!),
  };
}

/** Cuts `target` sizes from `begin` on, with zeros where the tensor ends before. */
function resized(x: Tensor, begin: readonly number[], target: readonly number[]): Tensor {
  const missing = target.map((size, i): [number, number] => [0, Math.max(0, begin[i]! + size - x.shape[i + 1]!)]);
  const whole = isNothing(missing) ? x : padSides(x, missing, 0);
  if (target.every((size, i) => size === whole.shape[i + 1])) return whole;
  return tf.slice(whole, [0, ...begin, 0], [x.shape[0], ...target, x.shape.at(-1)!]);
}

/** Below every value that a pool could see, and finite: infinity times zero would be no number. */
const LOWEST = -3.4028234e38;

function pool(call: OperatorCall, compute: (x: Tensor, window: Window) => Tensor): Value {
  const image = call.input(0);
  if (call.node.outputs.slice(1).some(Boolean)) throw call.unsupported('the places of the maxima');
  const window = windowOf(call, image.shape.slice(2), call.ints('kernel_shape') ?? []);
  if (window.dilations.some((d) => d !== 1)) throw call.unsupported('dilations');
  const isLine = image.rank === 3;
  const y = compute(isLine ? withRow(image.channelsLast) : image.channelsLast, asPlane(window));
  return Value.channelsLast(isLine ? tf.squeeze(y, [1]) : y);
}

function maxPool(x: Tensor, window: Window): Tensor {
  const ready = padded(x, window.pads, LOWEST);
  return window.kernel.length === 3
    ? tf.maxPool3d(ready.x as Tensor5D, three(window.kernel), three(window.strides), ready.pad)
    : tf.maxPool(ready.x as Tensor4D, two(window.kernel), two(window.strides), ready.pad);
}

function meanOfWindows(x: Tensor, { kernel, strides }: Window): Tensor {
  return kernel.length === 3
    ? tf.avgPool3d(x as Tensor5D, three(kernel), three(strides), 'valid')
    : tf.avgPool(x as Tensor4D, two(kernel), two(strides), 'valid');
}

/** Padding counts as zeros, or not at all; what `ceil_mode` adds at the far edge never counts. */
function averagePool(call: OperatorCall): Value {
  return pool(call, (x, window) => {
    if (isNothing(window.pads)) return meanOfWindows(x, window);
    const mean = meanOfWindows(padSides(x, window.pads, 0), window);
    const counted = call.int('count_include_pad', 0) === 1 ? declaredPads(call, window.pads) : window.pads.map(NO_PAD);
    const ones = tf.ones([1, ...x.shape.slice(1, -1), 1]);
    const inside = padSides(padSides(ones, counted, 1), beyond(window.pads, counted), 0);
    return tf.div(mean, meanOfWindows(inside, window));
  });
}

const NO_PAD = (): [number, number] => [0, 0];

/** The padding that the node names, without what `ceil_mode` adds. */
function declaredPads(call: OperatorCall, all: Pads): Pads {
  if (call.text('auto_pad', 'NOTSET') !== 'NOTSET') return all;
  const pads = call.ints('pads');
  if (!pads) return all.map(NO_PAD);
  const count = pads.length / 2;
  const declared = Array.from({ length: count }, (_, i): [number, number] => [pads[i]!, pads[i + count]!]);
  return count === 1 ? [[0, 0], ...declared] : declared;
}

const beyond = (all: Pads, counted: Pads): Pads =>
  all.map(([before, after], i) => [before - counted[i]![0], after - counted[i]![1]] as const);

const overSpace =
  (compute: (x: Tensor, axes: number[]) => Tensor): Operator =>
  (call) => {
    const image = call.input(0);
    const axes = Array.from({ length: image.rank - 2 }, (_, i) => i + 1);
    return Value.channelsLast(compute(image.channelsLast, axes));
  };

export const windowOperators: Record<string, Operator> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: (call) => pool(call, maxPool),
  AveragePool: averagePool,
  GlobalAveragePool: overSpace((x, axes) => tf.mean(x, axes, true)),
  GlobalMaxPool: overSpace((x, axes) => tf.max(x, axes, true)),
};
