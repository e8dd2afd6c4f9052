/**
 * Sums and scalings per channel on ONNX Runtime's blocked kernels. A convolution with one filter of size 1 a channel
 * is a·x + c, and adds another tensor and a ReLU in the same pass over memory; one whose filter is as large as the
 * image is a dot product; averaging whole images is the fastest sum.
 * Take tensors of four or five dimensions whose channels fill whole blocks.
 */
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Op, Shape } from '../graph/op';
import { sizeOf } from '../graph/op';
import { fillBlocks } from './blocked-geometry';
import { fiveOf, formOf } from './layouts';
import { plain, portable, result } from './lowering';
import type { Lowering, LoweringContext } from './lowering';
import { sumGroups } from './rows';

function isOfBlocks(shape: Shape, context: LoweringContext): boolean {
  return (shape.length === 4 || shape.length === 5) && fillBlocks(context, shape.at(-1)!);
}

/** Pixels that one accumulator adds up; sums of sums keep more digits than long sums. */
const LONGEST_SUM = 256;

/** A blocked tensor as [images · blocks · parts, 16 channels, 1, pixels of a part]. */
function partsOf(shape: Shape, block: number): { images: number; blocks: number; parts: number; pixels: number } {
  const [b, d, h, w, c] = fiveOf(shape);
  let parts = Math.ceil((h * w) / LONGEST_SUM);
  while ((h * w) % parts !== 0) parts++;
  return { images: b * d, blocks: c / block, parts, pixels: (h * w) / parts };
}

/** Adds up what each part gave: [images · blocks · parts, 16] → [C] */
function sumParts(graph: OnnxGraph, x: Name, shape: Shape): Name {
  const { images, blocks, parts } = partsOf(shape, graph.block);
  // Two short sums: over the images, then over the parts of each.
  const byPart = sumGroups(graph, x, [1, images, blocks * parts * graph.block]);
  if (parts === 1) return graph.reshape(byPart, [shape.at(-1)!]);
  const sum = graph.node('ReduceSum', [graph.reshape(byPart, [blocks, parts, graph.block]), graph.int64([1])], {
    keepdims: 0,
  });
  return graph.reshape(sum, [shape.at(-1)!]);
}

/** Sum or mean over all but the channels, of a tensor that lies in blocks. */
export function blockedChannelReduction<K extends 'Sum' | 'Mean'>(): Lowering<K> {
  return {
    name: 'blocked per channel',
    takes(op, context) {
      const [x] = op.inputs;
      const { axes } = (op as unknown as Op<'Sum'>).attributes;
      const isAllButChannels = axes.length === x!.shape.length - 1 && axes.every((axis, i) => axis === i);
      return isAllButChannels && isOfBlocks(x!.shape, context) && context.input(x!).origin === 'blocked';
    },
    lower(op, context) {
      const { graph } = context;
      const { block } = graph;
      const [x] = op.inputs;
      const { images, blocks, parts, pixels } = partsOf(x!.shape, block);
      const all = graph.reshape(context.input(x!).in('blocked'), [images * blocks * parts, block, 1, pixels]);
      const sum = sumParts(graph, graph.blocked('GlobalAveragePool', [all], {}), x!.shape);
      const factor = op.kernel === 'Mean' ? 1 / (images * parts) : pixels;
      const scaled = graph.node('Mul', [sum, graph.scalar(factor, 'float32')]);
      return result(context, op, graph.reshape(scaled, op.shape));
    },
  };
}

export const blockedChannelDot: Lowering<'ChannelDot'> = {
  name: 'blocked per channel',
  takes: (op, context) => isOfBlocks(op.inputs[0]!.shape, context),
  lower(op, context) {
    const { graph } = context;
    const { block } = graph;
    const [a, b] = op.inputs;
    const { images, blocks, parts, pixels } = partsOf(a!.shape, block);
    const groups = images * blocks * parts * block;
    const dots = graph.blocked(
      'Conv',
      [
        graph.reshape(context.input(a!).in('blocked'), [1, groups, 1, pixels]),
        graph.reshape(context.input(b!).in('blocked'), [groups, 1, 1, pixels]),
      ],
      { kernel_shape: [1, pixels], group: groups },
    );
    return result(context, op, sumParts(graph, dots, a!.shape));
  },
};

export const portableChannelDot: Lowering<'ChannelDot'> = portable((graph, [a, b], op) => {
  const axes = op.inputs[0]!.shape.slice(0, -1).map((_, axis) => axis);
  return graph.node('ReduceSum', [graph.node('Mul', [a!, b!]), graph.int64(axes)], { keepdims: 0 });
});

/** The tensors, the factor of each (null: 1) and the constant, of Σ a·B + c, factors and constant of `channels` numbers. */
function partsOfAffine(op: Op<'ChannelAffine'>, context: LoweringContext, channels: number) {
  const { scaled, shifted } = op.attributes;
  const vectors = op.inputs.slice(scaled.length).map((input) => {
    const vector = plain(context, input);
    const isWhole = sizeOf(input.shape) === channels;
    return isWhole ? vector : context.graph.node('Expand', [vector, context.graph.int64([channels])]);
  });
  const bases = scaled.map((isScaled, i) => ({ base: op.inputs[i]!, factor: isScaled ? vectors.shift()! : null }));
  return { bases, constant: shifted ? vectors.shift()! : null };
}

/** How the numbers of an affine op are seen: as images [N, C, 1, pixels] of some layout. */
function viewOf(op: Op<'ChannelAffine'>, context: LoweringContext): { images: Shape; layout: 'blocked' | 'canonical' } {
  const { block } = context.graph;
  const bases = op.inputs.slice(0, op.attributes.scaled.length);
  const isUniform = op.inputs.slice(bases.length).every(({ shape }) => sizeOf(shape) === 1);
  if (!isUniform) {
    const [b, d, h, w, c] = fiveOf(op.shape);
    return { images: [b * d, c, 1, h * w], layout: 'blocked' };
  }
  // The same numbers for all channels, as in an optimizer's step: any order of elements will do.
  const places = sizeOf(op.shape) / block;
  let pixels = Math.min(places, MOST_PIXELS);
  while (places % pixels !== 0) pixels--;
  const layout = bases.some((base) => context.input(base).origin === 'blocked') ? 'blocked' : 'canonical';
  return { images: [places / pixels, block, 1, pixels], layout };
}

/** A row that a thread works on at a time. */
const MOST_PIXELS = 1024;

/** One convolution for each tensor that has a factor, each adding the one before; ones where none has. */
export const blockedChannelAffine: Lowering<'ChannelAffine'> = {
  name: 'blocked per channel',
  takes: (op, context) => isOfBlocks(op.shape, context),
  lower(op, context) {
    const { graph } = context;
    const { images, layout } = viewOf(op, context);
    const channels = images[1]!;
    const { bases, constant } = partsOfAffine(op, context, channels);
    const terms = bases.map(({ base, factor }) => ({
      x: graph.reshape(context.input(base).in(layout), images),
      factor,
    }));
    const scaled = terms.filter(({ factor }) => factor !== null);
    const rest = terms.filter(({ factor }) => factor === null).map(({ x }) => x);
    if (scaled.length === 0) {
      scaled.push({ x: rest.shift()!, factor: graph.floats(new Float32Array(channels).fill(1)) });
    }
    let sum = rest.length > 1 ? graph.node('Sum', rest) : rest[0];
    scaled.forEach(({ x, factor }, i) => {
      const isLast = i === scaled.length - 1;
      const bias = isLast && constant !== null ? constant : '';
      const inputs = [x, graph.reshape(factor!, [channels, 1, 1, 1]), bias, ...(sum === undefined ? [] : [sum])];
      while (inputs.at(-1) === '') inputs.pop();
      const activation: Record<string, string> = isLast && op.attributes.relu ? { activation: 'Relu' } : {};
      sum = graph.blocked('Conv', inputs, { kernel_shape: [1, 1], group: channels, ...activation });
    });
    return result(context, op, graph.reshape(sum!, formOf(layout, op.shape, graph.block)), layout);
  },
};

export const portableChannelAffine: Lowering<'ChannelAffine'> = {
  name: 'portable',
  lower(op, context) {
    const { graph } = context;
    const { bases, constant } = partsOfAffine(op, context, op.shape.at(-1)!);
    const products = bases.map(({ base, factor }) => {
      const x = plain(context, base);
      return factor === null ? x : graph.node('Mul', [x, factor]);
    });
    const terms = constant === null ? products : [...products, constant];
    const sum = terms.reduce((total, term) => graph.node('Add', [total, term]));
    return result(context, op, op.attributes.relu ? graph.node('Relu', [sum]) : sum);
  },
};

/** Small vectors: Σ scale · v + offset. */
export const combination: Lowering<'Combination'> = {
  name: 'portable',
  lower(op, context) {
    const { graph } = context;
    const { scales, offset } = op.attributes;
    const terms = op.inputs.map((input, i) => {
      const vector = plain(context, input);
      return scales[i] === 1 ? vector : graph.node('Mul', [vector, graph.scalar(scales[i]!, 'float32')]);
    });
    if (offset !== 0 || terms.length === 0) terms.push(graph.scalar(offset, 'float32'));
    const sum = terms.reduce((total, term) => graph.node('Add', [total, term]));
    const size = sizeOf(op.shape);
    const isFull = op.inputs.some((input) => sizeOf(input.shape) === size);
    const whole = isFull ? sum : graph.node('Expand', [sum, graph.int64([size])]);
    return result(context, op, graph.reshape(whole, op.shape));
  },
};
