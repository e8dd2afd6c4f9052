/**
 * Gradients of windows in standard ONNX that GPU providers take: WebGPU has no ConvTranspose of three dimensions and
 * no MaxPool with indices, and a convolution whose kernel is a whole image keeps few threads busy. Any rank.
 */
import type { WindowAttributes } from '../graph/kernels';
import { ELEMENT_TYPE } from '../graph/onnx-graph';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Op } from '../graph/op';
import { sizeOf } from '../graph/op';
import { turnFilter } from './convolution-portable';
import { isNotNegative, isPositive } from './elementwise';
import { formOf } from './layouts';
import type { LaidOut } from './layouts';
import { plain, result } from './lowering';
import type { Lowering, LoweringContext } from './lowering';

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

// ── the gradient of a convolution's input ───────────────────────────────────────────────────────────────────────

/** [B, C, …O] → [B, C, …(O-1)·s+1] with zeros between. */
function insertZeros(graph: OnnxGraph, x: Name, window: WindowAttributes): Name {
  const { strides, outShape } = window;
  const outSizes = outShape.slice(1, -1);
  const outer = [outShape[0]!, outShape.at(-1)!];
  const apart = graph.reshape(x, [...outer, ...outSizes.flatMap((size) => [size, 1])]);
  const before = [0, 0, ...strides.flatMap(() => [0, 0])];
  const after = [0, 0, ...strides.flatMap((stride) => [0, stride - 1])];
  const padded = graph.node('Pad', [apart, graph.int64([...before, ...after])]);
  const joined = graph.reshape(padded, [...outer, ...outSizes.map((size, i) => size * strides[i]!)]);
  const ends = outSizes.map((size, i) => (size - 1) * strides[i]! + 1);
  return graph.slice(
    joined,
    ends.map(() => 0),
    ends,
    ends.map((_, i) => i + 2),
  );
}

/** Strides become zeros between the gradient's elements; what is left is a convolution with the turned filter. */
export const inputGradientByZeros: Lowering<'ConvInputGradient'> = {
  name: 'gpu: zeros between, turned filter',
  // Padding wider than the filter would have to be cropped; TF.js pads like that only when told to explicitly.
  takes: ({ attributes }) => marginsOf(attributes).every((pad) => pad >= 0),
  lower(op, context) {
    const { graph } = context;
    const window = op.attributes;
    const [dy, filter] = op.inputs;
    const rank = window.kernel.length;
    const turned = turnFilter(graph, plain(context, filter!), window);
    const weights = graph.transpose(turned, [rank, rank + 1, ...range(rank)]);
    const spread = insertZeros(graph, context.input(dy!).in('channelsFirst'), window);
    const dx = graph.node('Conv', [spread, weights], {
      kernel_shape: window.kernel,
      dilations: window.dilations,
      pads: marginsOf(window),
    });
    return result(context, op, dx, 'channelsFirst');
  },
};

/** Pads with which a convolution of the spread gradient has the size of x. */
function marginsOf({ kernel, strides, dilations, padsBefore, inShape, outShape }: WindowAttributes): number[] {
  const before = kernel.map((size, i) => (size - 1) * dilations[i]! - padsBefore[i]!);
  const after = kernel.map((_, i) => inShape[i + 1]! - 1 - (outShape[i + 1]! - 1) * strides[i]! + padsBefore[i]!);
  return [...before, ...after];
}

// ── the gradient of a convolution's filter ──────────────────────────────────────────────────────────────────────

/** Each place in a window, as its offsets along the spatial axes. */
function placesOf(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (places, size) => places.flatMap((place) => range(size).map((k) => [...place, k])),
    [[]],
  );
}

/** What the windows see at one place: every stride-th element from there on. Spatial axes start at `axis`. */
function seenAt(
  graph: OnnxGraph,
  padded: Name,
  place: readonly number[],
  window: WindowAttributes,
  axis: number,
): Name {
  const { strides, dilations, outShape } = window;
  const starts = place.map((k, i) => k * dilations[i]!);
  const ends = starts.map((start, i) => start + (outShape[i + 1]! - 1) * strides[i]! + 1);
  return graph.node('Slice', [
    padded,
    graph.int64(starts),
    graph.int64(ends),
    graph.int64(place.map((_, i) => axis + i)),
    graph.int64(strides),
  ]);
}

/** One matrix product for each tap of the filter, batched over samples and slices, so that all threads have work. */
export const filterGradientByTaps: Lowering<'ConvFilterGradient'> = {
  name: 'gpu: a matrix product for each tap',
  lower(op, context) {
    const { graph } = context;
    const window = op.attributes;
    const { kernel, padsBefore, padsAfter, inShape, outShape } = window;
    const [inner, outer] = [inShape.at(-1)!, outShape.at(-1)!];
    const x = context.input(op.inputs[0]!).in('channelsFirst');
    const nothing = [0, 0];
    const padded = graph.node('Pad', [x, graph.int64([...nothing, ...padsBefore, ...nothing, ...padsAfter])]);
    // [B, I, first, …rest] → [B, first, I, …rest]: samples times the first spatial axis are the batch.
    const rank = kernel.length;
    const byChannel = [0, 2, 1, ...range(rank - 1).map((i) => i + 3)];
    const [batch, positions] = [outShape[0]! * outShape[1]!, sizeOf(outShape.slice(2, -1))];
    const gradient = graph.reshape(plain(context, op.inputs[1]!), [batch, positions, outer]);
    const taps = placesOf(kernel).map((place) => {
      const seen = graph.transpose(seenAt(graph, padded, place, window, 2), byChannel);
      const products = graph.node('MatMul', [graph.reshape(seen, [batch, inner, positions]), gradient]);
      return graph.node('ReduceSum', [products, graph.int64([0])], { keepdims: 1 });
    });
    return result(context, op, graph.reshape(graph.concat(taps, 0), op.shape));
  },
};

// ── the gradient of max pooling ─────────────────────────────────────────────────────────────────────────────────

/** Below every value, and finite: its difference from one is not NaN. */
const LOWEST = -3e38;

function padLowest(graph: OnnxGraph, x: Name, { padsBefore, padsAfter }: WindowAttributes): Name {
  const pads = graph.int64([0, 0, ...padsBefore, 0, 0, ...padsAfter]);
  return graph.node('Pad', [x, pads, graph.scalar(LOWEST, 'float32')]);
}

/**
 * Place by place in the window: where x there is the maximum, it takes what is left of the gradient, so that the first
 * of equal maxima has all of it. All is done at the size of dy, [B, C, …O], and put together once.
 */
function pooledGradient(op: Op, window: WindowAttributes, open: Name, context: LoweringContext): LaidOut {
  const { graph } = context;
  const { kernel } = window;
  const padded = padLowest(graph, context.input(op.inputs[1]!).in('channelsFirst'), window);
  const pooled = context.input(op.inputs[2]!).in('channelsFirst');
  let left = open;
  const given = placesOf(kernel).map((place) => {
    const difference = graph.node('Sub', [seenAt(graph, padded, place, window, 2), pooled]);
    const taken = graph.node('Mul', [left, isNotNegative(graph, difference)]);
    left = graph.node('Sub', [left, taken]);
    return taken;
  });
  return result(context, op, putBack(graph, given, window), 'channelsFirst');
}

/** Adds up what each place of the windows was given, at the places in x where it came from. */
function putBack(graph: OnnxGraph, given: readonly Name[], window: WindowAttributes): Name {
  const { kernel, strides, dilations, padsBefore, inShape, outShape } = window;
  const rank = kernel.length;
  const places = placesOf(kernel).map((place) => place.map((k, i) => k * dilations[i]!));
  // A place q·s + r lies in row o + q of the elements whose remainder is r.
  const extra = kernel.map((size, i) => Math.floor(((size - 1) * dilations[i]!) / strides[i]!));
  const remainders = placesOf(strides).map((remainder) => {
    const parts = places.flatMap((place, n) => {
      if (place.some((k, i) => k % strides[i]! !== remainder[i])) return [];
      const rows = place.map((k, i) => Math.floor(k / strides[i]!));
      const after = rows.map((row, i) => extra[i]! - row);
      return [graph.node('Pad', [given[n]!, graph.int64([0, 0, ...rows, 0, 0, ...after])])];
    });
    if (parts.length === 0) return null;
    return parts.reduce((sum, part) => graph.node('Add', [sum, part]));
  });
  const rows = range(rank).map((i) => outShape[i + 1]! + extra[i]!);
  const outer = [outShape[0]!, outShape.at(-1)!];
  const empty = graph.node('Expand', [graph.scalar(0, 'float32'), graph.int64([...outer, ...rows])]);
  const stacked = graph.concat(
    remainders.map((sum) => graph.reshape(sum ?? empty, [1, ...outer, ...rows])),
    0,
  );
  // [s1, s2, …, B, C, m1, m2, …] → [B, C, m1, s1, m2, s2, …]
  const split = graph.reshape(stacked, [...strides, ...outer, ...rows]);
  const perm = [rank, rank + 1, ...range(rank).flatMap((i) => [rank + 2 + i, i])];
  const full = graph.reshape(graph.transpose(split, perm), [...outer, ...rows.map((m, i) => m * strides[i]!)]);
  return cutOut(
    graph,
    full,
    padsBefore,
    formOf('channelsFirst', inShape),
    rows.map((m, i) => m * strides[i]!),
  );
}

/** From the padded frame to x's own; what no window reaches at the far edge is zero. */
function cutOut(
  graph: OnnxGraph,
  frame: Name,
  padsBefore: readonly number[],
  shape: readonly number[],
  sizes: readonly number[],
): Name {
  const missing = sizes.map((size, i) => Math.max(0, padsBefore[i]! + shape[i + 2]! - size));
  const none = sizes.map(() => 0);
  const filled = missing.some((n) => n > 0)
    ? graph.node('Pad', [frame, graph.int64([0, 0, ...none, 0, 0, ...missing])])
    : frame;
  return graph.slice(
    filled,
    padsBefore,
    padsBefore.map((pad, i) => pad + shape[i + 2]!),
    sizes.map((_, i) => i + 2),
  );
}

export const maxPoolGradientByPlaces: Lowering<'MaxPoolGradient'> = {
  name: 'gpu: place by place',
  lower: (op, context) => pooledGradient(op, op.attributes, context.input(op.inputs[0]!).in('channelsFirst'), context),
};

/** Where the maximum of a window is zero, the ReLU before it lets no gradient through. */
export const reluMaxPoolGradientByPlaces: Lowering<'ReluMaxPoolGradient'> = {
  name: 'gpu: place by place',
  lower(op, context) {
    const isOpen = isPositive(context.graph, context.input(op.inputs[2]!).in('channelsFirst'));
    const dy = context.input(op.inputs[0]!).in('channelsFirst');
    return pooledGradient(op, op.attributes, context.graph.node('Mul', [dy, isOpen]), context);
  },
};

/** The first of the maxima by ArgMax over the places of a window; a table says where in x each place lies. */
export const maxPoolPlaces: Lowering<'MaxPoolPlaces'> = {
  name: 'gpu: place by place',
  lower(op, context) {
    const { graph } = context;
    const { withBatch, ...window } = op.attributes;
    const { kernel, inShape, outShape } = window;
    const [batch, channels] = [inShape[0]!, inShape.at(-1)!];
    const padded = padLowest(graph, context.input(op.inputs[0]!).in('channelsFirst'), window);
    const seen = placesOf(kernel).map((place) =>
      graph.node('Unsqueeze', [seenAt(graph, padded, place, window, 2), graph.int64([0])]),
    );
    const winner = graph.node('ArgMax', [graph.concat(seen, 0)], { axis: 0, keepdims: 0 });
    const area = sizeOf(outShape.slice(1, -1));
    const rows = graph.node('Mul', [
      graph.node('Cast', [winner], { to: ELEMENT_TYPE.int32 }),
      graph.scalar(area, 'int32'),
    ]);
    const at = graph.node('Add', [rows, graph.indices(range(area), outShape.slice(1, -1))]);
    const inImage = graph.gather(graph.indices(placesInImage(window)), at, 0);
    const size = sizeOf(inShape.slice(1));
    const offsets = range(batch).flatMap((image) =>
      range(channels).map((channel) => (withBatch ? image * size : 0) + channel),
    );
    const spread = graph.indices(offsets, [batch, channels, ...kernel.map(() => 1)]);
    return result(context, op, graph.node('Add', [inImage, spread]), 'channelsFirst');
  },
};

/** For each place in a window and each window: where in an image [...spatial, C] it lies. */
function placesInImage({ kernel, strides, dilations, padsBefore, inShape, outShape }: WindowAttributes): number[] {
  const positions = placesOf(outShape.slice(1, -1));
  return placesOf(kernel).flatMap((place) =>
    positions.map((position) => {
      const axes = place.map((k, i) => position[i]! * strides[i]! - padsBefore[i]! + k * dilations[i]!);
      return axes.reduce((flat, value, i) => flat * inShape[i + 1]! + value, 0) * inShape.at(-1)!;
    }),
  );
}
