/** Pooling of any rank in standard ONNX, channels first. */
import type { WindowAttributes } from '../graph/kernels';
import { ELEMENT_TYPE } from '../graph/onnx-graph';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import { sizeOf } from '../graph/op';
import type { Op } from '../graph/op';
import { isNotNegative, isPositive } from './elementwise';
import { LaidOut, formOf } from './layouts';
import { plain, result } from './lowering';
import type { Lowering, LoweringContext } from './lowering';

const sliding = (window: WindowAttributes) => ({
  kernel_shape: window.kernel,
  strides: window.strides,
  pads: [...window.padsBefore, ...window.padsAfter],
});

export const portableMaxPool: Lowering<'MaxPool'> = {
  name: 'portable',
  lower(op, context) {
    const x = context.input(op.inputs[0]!).in('channelsFirst');
    return result(context, op, context.graph.node('MaxPool', [x], sliding(op.attributes)), 'channelsFirst');
  },
};

export const portableAveragePool: Lowering<'AveragePool'> = {
  name: 'portable',
  lower(op, context) {
    const x = context.input(op.inputs[0]!).in('channelsFirst');
    return result(context, op, context.graph.node('AveragePool', [x], sliding(op.attributes)), 'channelsFirst');
  },
};

/** Windows that tile the input: no overlap, no padding, nothing left over. */
export function tilesInput(window: WindowAttributes): boolean {
  const { kernel, strides, padsBefore, padsAfter, inShape, outShape } = window;
  return kernel.every(
    (size, i) =>
      size === strides[i] && padsBefore[i] === 0 && padsAfter[i] === 0 && inShape[i + 1] === outShape[i + 1]! * size,
  );
}

/**
 * The gradient goes to the first of equal maxima, as in PyTorch (tfjs-cpu takes the first in 2D, the last in 3D).
 * Position k of a window counts as x - k · (|x| · 2⁻²² + 10⁻³⁰), which tells ties apart by two steps of float32.
 */
function tiledGradient(op: Op, window: WindowAttributes, dyMasked: Name, context: LoweringContext): LaidOut {
  const { graph } = context;
  const { kernel, outShape, inShape } = window;
  const [batch, channels] = [outShape[0]!, outShape.at(-1)!];
  const windows = (inner: (i: number) => number): number[] => [
    batch,
    ...kernel.flatMap((_, i) => [outShape[i + 1]!, inner(i)]),
    channels,
  ];
  const x = graph.reshape(
    plain(context, op.inputs[1]!),
    windows((i) => kernel[i]!),
  );
  const positions = graph.floats(
    Array.from({ length: sizeOf(kernel) }, (_, k) => k),
    [1, ...kernel.flatMap((size) => [1, size]), 1],
  );
  const step = graph.node('Add', [
    graph.node('Mul', [graph.node('Abs', [x]), graph.scalar(2 ** -22, 'float32')]),
    graph.scalar(1e-30, 'float32'),
  ]);
  const distinct = graph.node('Sub', [x, graph.node('Mul', [step, positions])]);
  const axes = kernel.map((_, i) => 2 * i + 2);
  const largest = graph.node('ReduceMax', [distinct, graph.int64(axes)], { keepdims: 1 });
  const isLargest = isNotNegative(graph, graph.node('Sub', [distinct, largest]));
  const dy = graph.reshape(
    dyMasked,
    windows(() => 1),
  );
  return result(context, op, graph.reshape(graph.node('Mul', [isLargest, dy]), inShape));
}

/** Overlapping windows: the pool says where each maximum was, and the gradients are added there. */
function scatteredGradient(op: Op, window: WindowAttributes, dy: Name, context: LoweringContext): LaidOut {
  const { graph } = context;
  const { inShape, outShape } = window;
  const x = context.input(op.inputs[1]!).in('channelsFirst');
  const [, places] = graph.nodeWithTwoOutputs('MaxPool', [x], sliding(window));
  const dyFirst = new LaidOut(graph, outShape, 'canonical', dy).in('channelsFirst');
  const nothing = graph.node('Expand', [graph.scalar(0, 'float32'), graph.int64([sizeOf(inShape)])]);
  const flat = [nothing, graph.reshape(places, [-1]), graph.reshape(dyFirst, [-1])];
  const scattered = graph.node('ScatterElements', flat, { axis: 0, reduction: 'add' });
  return result(context, op, graph.reshape(scattered, formOf('channelsFirst', inShape)), 'channelsFirst');
}

function gradient(op: Op, window: WindowAttributes, dy: Name, context: LoweringContext): LaidOut {
  return tilesInput(window) ? tiledGradient(op, window, dy, context) : scatteredGradient(op, window, dy, context);
}

export const portableMaxPoolGradient: Lowering<'MaxPoolGradient'> = {
  name: 'portable',
  lower: (op, context) => gradient(op, op.attributes, plain(context, op.inputs[0]!), context),
};

/** Where the maximum of a window is zero, the ReLU before it lets no gradient through. */
export const portableReluMaxPoolGradient: Lowering<'ReluMaxPoolGradient'> = {
  name: 'portable',
  lower(op, context) {
    const isOpen = isPositive(context.graph, plain(context, op.inputs[2]!));
    const dy = context.graph.node('Mul', [plain(context, op.inputs[0]!), isOpen]);
    return gradient(op, op.attributes, dy, context);
  },
};

/** Where each maximum is: (row · width + column) · channels + channel, counted on through the batch where asked for. */
export const portableMaxPoolPlaces: Lowering<'MaxPoolPlaces'> = {
  name: 'portable',
  lower(op, context) {
    const { graph } = context;
    const { inShape, withBatch } = op.attributes;
    const [batch, channels] = [inShape[0]!, inShape.at(-1)!];
    const area = sizeOf(inShape.slice(1, -1));
    const x = context.input(op.inputs[0]!).in('channelsFirst');
    const [, places] = graph.nodeWithTwoOutputs('MaxPool', [x], sliding(op.attributes));
    // ONNX counts through [B, C, H, W].
    const inPlane = graph.node('Mod', [places, graph.int64([area], [])]);
    const terms = [
      graph.node('Mul', [inPlane, graph.int64([channels], [])]),
      graph.int64(
        Array.from({ length: channels }, (_, channel) => channel),
        [channels, 1, 1],
      ),
    ];
    if (withBatch) {
      terms.push(
        graph.int64(
          Array.from({ length: batch }, (_, image) => image * area * channels),
          [batch, 1, 1, 1],
        ),
      );
    }
    const sum = terms.reduce((a, b) => graph.node('Add', [a, b]));
    return result(context, op, graph.node('Cast', [sum], { to: ELEMENT_TYPE.int32 }), 'channelsFirst');
  },
};

/** Windows that tile the input: every element gets its share. */
export const tiledAveragePoolGradient: Lowering<'AveragePoolGradient'> = {
  name: 'portable: tiles',
  takes: (op) => tilesInput(op.attributes),
  lower(op, context) {
    const { graph } = context;
    const { kernel, outShape, inShape } = op.attributes;
    const windows = (inner: (i: number) => number): number[] => [
      outShape[0]!,
      ...kernel.flatMap((_, i) => [outShape[i + 1]!, inner(i)]),
      outShape.at(-1)!,
    ];
    const size = sizeOf(kernel);
    const shares = graph.floats(new Float32Array(size).fill(1 / size), [1, ...kernel.flatMap((n) => [1, n]), 1]);
    const dy = graph.reshape(
      plain(context, op.inputs[0]!),
      windows(() => 1),
    );
    return result(context, op, graph.reshape(graph.node('Mul', [dy, shares]), inShape));
  },
};

/** Any window: an average pool, padding counted, over dy spread out by the stride. */
export const portableAveragePoolGradient: Lowering<'AveragePoolGradient'> = {
  name: 'portable',
  lower(op, context) {
    const { graph } = context;
    const { kernel, padsBefore, inShape } = op.attributes;
    const dy = context.input(op.inputs[0]!).in('channelsFirst');
    const axes = kernel.map((_, i) => i + 2);
    // With kernel - 1 - padsBefore zeros before and none after, this is what gives as many elements as the input has.
    const whole = kernel.map((_, i) => inShape[i + 1]! + padsBefore[i]!);
    const { name: spread, sizes } = spreadOut(graph, dy, op.attributes);
    const after = kernel.map((size, i) => Math.min(size - 1, Math.max(0, whole[i]! - sizes[i]!)));
    const wanted = whole.map((size, i) => size - after[i]!);
    const cut = graph.slice(spread, Array<number>(axes.length).fill(0), wanted, axes);
    const missing = wanted.map((size, i) => Math.max(0, size - sizes[i]!));
    const padded = graph.node('Pad', [cut, graph.int64([0, 0, ...kernel.map(() => 0), 0, 0, ...missing])]);
    const read = missing.some((count) => count > 0) ? padded : wanted.some((n, i) => n < sizes[i]!) ? cut : spread;
    const dx = graph.node('AveragePool', [read], {
      kernel_shape: kernel,
      pads: [...kernel.map((size, i) => size - 1 - padsBefore[i]!), ...after],
      count_include_pad: 1,
    });
    return result(context, op, dx, 'channelsFirst');
  },
};

/** Puts stride - 1 zeros after every element of every spatial dimension. */
function spreadOut(
  graph: OnnxGraph,
  dy: Name,
  { strides, outShape }: WindowAttributes,
): { name: Name; sizes: number[] } {
  const outs = outShape.slice(1, -1);
  const sizes = outs.map((size, i) => size * strides[i]!);
  if (strides.every((stride) => stride === 1)) return { name: dy, sizes };
  const lead = [outShape[0]!, outShape.at(-1)!];
  const columns = graph.reshape(dy, [...lead, ...outs.flatMap((size) => [size, 1])]);
  const none = [0, 0, ...outs.flatMap(() => [0, 0])];
  const zeros = [0, 0, ...strides.flatMap((stride) => [0, stride - 1])];
  const spread = graph.node('Pad', [columns, graph.int64([...none, ...zeros])]);
  return { name: graph.reshape(spread, [...lead, ...sizes]), sizes };
}
