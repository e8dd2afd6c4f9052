/**
 * 3×3×3 convolutions of stride 1 from one or eight channels on ONNX Runtime's blocked 2D kernels. Eight channels would
 * fill half a block, so two neighbouring slices share it: the four slices that both see are laid beside each other as
 * channels, and their filters are stacked with zeros between. Whole blocks of channels: see `blocked-windows.ts`.
 */
import type { WindowAttributes } from '../graph/kernels';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Op, Operand } from '../graph/op';
import { sizeOf } from '../graph/op';
import { BLOCK, PAIRED_CHANNELS, fiveOf, isBlockable } from './layouts';
import type { LaidOut, Layout } from './layouts';
import { plain, result } from './lowering';
import type { Lowering, LoweringContext } from './lowering';

const SAME_3X3 = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
/** For images that bring the zeros beside each row along, which saves a tenth of the time at 48 pixels a row. */
const FRAMED_3X3 = { kernel_shape: [3, 3], pads: [1, 0, 1, 0] };

/** The sizes that every recipe here is written in. */
export interface ConvSizes {
  b: number;
  d: number;
  h: number;
  w: number;
  inner: number;
  outer: number;
}

export function sizesOf({ inShape, outShape }: WindowAttributes): ConvSizes {
  const [b, d, h, w, inner] = fiveOf(inShape);
  return { b, d, h, w, inner, outer: outShape[4]! };
}

/** The convolutions these recipes are for: 3×3×3, stride 1, same size out. */
export function isSame3x3x3({ kernel, strides, dilations, padsBefore, padsAfter }: WindowAttributes): boolean {
  const all = (values: readonly number[], value: number): boolean =>
    values.length === 3 && values.every((v) => v === value);
  return all(kernel, 3) && all(strides, 1) && all(dilations, 1) && all(padsBefore, 1) && all(padsAfter, 1);
}

/** Whether the graph is for a CPU whose blocks are those these lowerings are written in. */
export function isBlockedCpu(context: LoweringContext): boolean {
  return blockOf(context) === BLOCK;
}

/** Channels in a block of the CPU that the graph is for, or null where it has no blocks to use. */
export function blockOf({ target }: LoweringContext): number | null {
  return target.provider === 'cpu' ? target.blockSize : null;
}

/** Whether a row of a table of recipes takes a 3×3×3 convolution on this target. */
export function takesBlocked(
  window: WindowAttributes,
  context: LoweringContext,
  takes: (sizes: ConvSizes, block: number) => boolean,
): boolean {
  const block = blockOf(context);
  return block !== null && isSame3x3x3(window) && takes(sizesOf(window), block);
}

/** Of padded slices, the `length` from each `stride`-th on, as Gather's indices [groups, length]. */
export function slidingTaps(graph: OnnxGraph, groups: number, stride: number, length: number): Name {
  const taps = Array.from({ length: groups }, (_, i) => Array.from({ length }, (__, t) => i * stride + t));
  return graph.indices(taps.flat(), [groups, length]);
}

/**
 * Filters for `slices` neighbouring output slices over the `taps` input slices that they see together: tap t of
 * output o is the filter's slice t - o, or zeros. [3, inner] → [slices, taps, inner]
 */
export function stackFilter(graph: OnnxGraph, filter: Name, inner: number, slices: number, taps: number): Name {
  const zeroSlice = 3;
  const places = Array.from({ length: slices }, (_, o) =>
    Array.from({ length: taps }, (__, t) => (t - o >= 0 && t - o < 3 ? t - o : zeroSlice)),
  );
  const padded = graph.concat([graph.reshape(filter, [3, inner]), graph.zeros([1, inner])], 0);
  return graph.gather(padded, graph.indices(places.flat(), [slices, taps]), 0);
}

/** Splits axes, moves them and joins them again. */
export function regroup(
  graph: OnnxGraph,
  x: Name,
  split: readonly number[],
  perm: readonly number[],
  join: readonly number[],
): Name {
  return graph.reshape(graph.transpose(graph.reshape(x, split), perm), join);
}

/** What is convolved and with what, ready for one blocked 2D convolution. */
interface Prepared {
  images: Name;
  filters: Name;
  layout: Layout;
  isFramed: boolean;
}

type Recipe = (graph: OnnxGraph, x: LaidOut, filter: Name, sizes: ConvSizes) => Prepared;

/** 1 → 8 channels: four slices in, two out. */
const singleToPairs: Recipe = (graph, x, filter, { b, d, h, w }) => {
  const slices = graph.reshape(x.in('slicesPadded'), [b, d + 2, h * w]);
  const images = graph.reshape(graph.gather(slices, slidingTaps(graph, d / 2, 2, 4), 1), [(b * d) / 2, 4, h, w]);
  const stacked = stackFilter(graph, filter, 9 * 8, 2, 4);
  const filters = regroup(graph, stacked, [2, 4, 9, 8], [1, 2, 0, 3], [BLOCK, 4, 3, 3]);
  return { images, filters, layout: 'paired', isFramed: false };
};

/**
 * 1 → 8 channels where a ReLU follows: pairs as the next convolution wants them (`framed`). What lies in the frame must
 * be zero, so two more input channels say where it is, one for each slice of a pair, and take so much away there that
 * the ReLU leaves zero.
 */
const singleToFramed: Recipe = (graph, x, filter, sizes) => {
  const { b, d, h, w } = sizes;
  const pairs = d / 2 + 1;
  const [sides, everywhere] = [d + 4, d + 5];
  const places = Array.from({ length: pairs }, (_, q) => [
    ...[0, 1, 2, 3].map((tap) => 2 * q + tap),
    q === 0 ? everywhere : sides,
    q === pairs - 1 ? everywhere : sides,
  ]);
  const planes = graph.reshape(framePlanes(graph, x, sizes), [b, d + 6, h * (w + 4)]);
  const images = graph.gather(planes, graph.indices(places.flat(), [pairs, 6]), 1);
  const stacked = regroup(graph, stackFilter(graph, filter, 9 * 8, 2, 4), [2, 4, 9, 8], [1, 2, 0, 3], [4, 9, BLOCK]);
  const takeAway = new Float32Array(2 * 9 * BLOCK); // [2 slices, 9 taps, 16]
  for (const slice of [0, 1]) {
    for (let c = 0; c < PAIRED_CHANNELS; c++) takeAway[(slice * 9 + 4) * BLOCK + slice * PAIRED_CHANNELS + c] = -1e30;
  }
  return {
    images: graph.reshape(images, [b * pairs, 6, h, w + 4]),
    filters: graph.reshape(graph.concat([stacked, graph.floats(takeAway, [2, 9, BLOCK])], 0), [BLOCK, 6, 3, 3]),
    layout: 'framed',
    isFramed: true,
  };
};

/**
 * A volume of one channel with two slices and two columns of zeros to each side, and two more slices: one that is 1 in
 * the columns beside the image, one that is 1 everywhere. [B, D+4+2, H, W+4]
 */
export function framePlanes(graph: OnnxGraph, x: LaidOut, { b, d, h, w }: ConvSizes): Name {
  const volume = graph.reshape(x.in('canonical'), [b, d, h, w]);
  const padded = graph.node('Pad', [volume, graph.int64([0, 2, 0, 2, 0, 2, 0, 2])]);
  const sides = Array.from({ length: h * (w + 4) }, (_, i) => (i % (w + 4) === 1 || i % (w + 4) === w + 2 ? 1 : 0));
  const everywhere = new Array<number>(sides.length).fill(1);
  const covers = graph.floats([...sides, ...everywhere], [1, 2, h, w + 4]);
  const forEach = graph.node('Expand', [covers, graph.int64([b, 2, h, w + 4])]);
  return graph.concat([padded, forEach], 1);
}

/** Of the pairs (pad, 0), (1, 2), … two neighbours hold the four slices that two outputs see. */
export function neighbouringPairs(graph: OnnxGraph, x: LaidOut, { b, d, h, w }: ConvSizes): Name {
  const pairs = graph.reshape(x.in('framed'), [b, d / 2 + 1, BLOCK * h * (w + 2)]);
  return graph.reshape(graph.gather(pairs, slidingTaps(graph, d / 2, 1, 2), 1), [(b * d) / 2, 2 * BLOCK, h, w + 2]);
}

/** Of the pairs (0, 1), (2, 3), … with zeros at both ends, the two around each slice boundary: [B, D/2+1, 2, H·W·16] */
export function pairsAround(graph: OnnxGraph, x: LaidOut, { b, d, h, w }: ConvSizes): Name {
  const zeros = graph.zeros([b, 1, h * w * BLOCK]);
  const pairs = graph.concat([zeros, graph.reshape(x.in('paired'), [b, d / 2, h * w * BLOCK]), zeros], 1);
  return graph.gather(pairs, slidingTaps(graph, d / 2 + 1, 1, 2), 1);
}

/** 8 → 8 channels. */
const pairsToPairs: Recipe = (graph, x, filter, sizes) => {
  const stacked = stackFilter(graph, filter, 9 * 8 * 8, 2, 4);
  const filters = regroup(graph, stacked, [2, 2, 2, 9, 8, 8], [1, 3, 2, 4, 0, 5], [BLOCK, 2 * BLOCK, 3, 3]);
  return { images: neighbouringPairs(graph, x, sizes), filters, layout: 'paired', isFramed: true };
};

/** 8 → 16·n channels: the two output slices come one after the other, which is the blocked layout already. */
const pairsToBlocks: Recipe = (graph, x, filter, sizes) => {
  const { outer } = sizes;
  const stacked = stackFilter(graph, filter, 9 * 8 * outer, 2, 4);
  const split = [2, 2, 2, 9, 8, outer / BLOCK, BLOCK];
  const filters = regroup(graph, stacked, split, [0, 5, 1, 3, 2, 4, 6], [2 * outer, 2 * BLOCK, 3, 3]);
  return { images: neighbouringPairs(graph, x, sizes), filters, layout: 'blocked', isFramed: true };
};

const isSingleToPairs = ({ d, inner, outer }: ConvSizes): boolean =>
  inner === 1 && outer === PAIRED_CHANNELS && d % 2 === 0;

const FORWARD: { name: string; takes: (sizes: ConvSizes, block: number) => boolean; recipe: Recipe }[] = [
  {
    name: 'blocked 1→8',
    takes: (sizes, block) => block === BLOCK && isSingleToPairs(sizes),
    recipe: singleToPairs,
  },
  {
    name: 'blocked 8→8',
    takes: ({ d, inner, outer }, block) =>
      block === BLOCK && inner === PAIRED_CHANNELS && outer === PAIRED_CHANNELS && d % 2 === 0,
    recipe: pairsToPairs,
  },
  {
    name: 'blocked 8→16n',
    takes: ({ d, inner, outer }, block) =>
      block === BLOCK && inner === PAIRED_CHANNELS && isBlockable(outer) && d % 2 === 0,
    recipe: pairsToBlocks,
  },
];

function convolve(op: Op<'Conv' | 'ConvBias'>, context: LoweringContext, recipe: Recipe): LaidOut {
  const { graph } = context;
  const [x, filter, bias] = op.inputs;
  const window: WindowAttributes & { relu?: boolean } = op.attributes;
  const prepared = recipe(graph, context.input(x!), plain(context, filter!), sizesOf(window));
  const biases = bias ? [biasOfPair(context, bias)] : [];
  const attributes = {
    ...(prepared.isFramed ? FRAMED_3X3 : SAME_3X3),
    ...(window.relu ? { activation: 'Relu' } : {}),
  };
  const y = graph.blocked('Conv', [prepared.images, prepared.filters, ...biases], attributes);
  return result(context, op, y, prepared.layout);
}

/** Both slices of a pair have the same bias. */
function biasOfPair(context: LoweringContext, bias: Operand): Name {
  const flat = context.graph.reshape(plain(context, bias), [sizeOf(bias.shape)]);
  return context.graph.concat([flat, flat], 0);
}

function forwardLowerings<K extends 'Conv' | 'ConvBias'>(): Lowering<K>[] {
  return FORWARD.map(({ name, takes, recipe }) => ({
    name,
    takes: (op, context) => takesBlocked(op.attributes, context, takes),
    lower: (op, context) => convolve(op, context, recipe),
  }));
}

export const blockedConv = forwardLowerings<'Conv'>();
export const blockedConvBias: Lowering<'ConvBias'>[] = [
  {
    name: 'blocked 1→8, framed',
    takes: ({ attributes }, context) =>
      attributes.relu && takesBlocked(attributes, context, (sizes, block) => block === BLOCK && isSingleToPairs(sizes)),
    lower: (op, context) => convolve(op, context, singleToFramed),
  },
  ...forwardLowerings<'ConvBias'>(),
];

/**
 * A blocked 3×3 convolution without bias, as the gradients use it.
 * @param padColumns columns of zeros to either side: none where the images are framed, two where the result shall be
 */
export function convolveSlices(graph: OnnxGraph, images: Name, filters: Name, padColumns: 0 | 1 | 2 = 1): Name {
  return graph.blocked('Conv', [images, filters], { kernel_shape: [3, 3], pads: [1, padColumns, 1, padColumns] });
}
