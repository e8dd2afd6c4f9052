/**
 * The gradient of a 3×3×3 convolution's filter from one or eight channels, as one grouped blocked convolution: dy is the
 * kernel, x the image, and what a convolution sums over (a block of channels) is the batch, or a stretch of pixels
 * (`filter-gradient-over-slices.ts`). Whole blocks of channels: see `blocked-windows-filter-gradient.ts`.
 */
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import { regroup, sizesOf, takesBlocked } from './blocked-convolution';
import type { ConvSizes } from './blocked-convolution';
import { BLOCK, PAIRED_CHANNELS, isBlockable } from './layouts';
import type { LaidOut } from './layouts';
import { eightOverSlices, eightToBlocksOverSlices, singleOverSlices } from './filter-gradient-over-slices';
import { result } from './lowering';
import type { Lowering } from './lowering';

type Recipe = (graph: OnnxGraph, x: LaidOut, dy: LaidOut, sizes: ConvSizes) => Name;

/** Row numbers of a row-major array after its axes are permuted: a Gather, where Transpose would be slow. */
function permutedRows(graph: OnnxGraph, dims: readonly number[], perm: readonly number[]): Name {
  const strides = dims.map((_, axis) => dims.slice(axis + 1).reduce((a, b) => a * b, 1));
  let rows = [0];
  for (const axis of perm) {
    rows = rows.flatMap((row) => Array.from({ length: dims[axis]! }, (_, i) => row + i * strides[axis]!));
  }
  return graph.indices(rows);
}

// ── eight channels: the batch is the block ───────────────────────────────────────────────────────────

/** Rounds the batch up to whole blocks with samples of zeros, which add nothing to the sum. */
function fillBatch(graph: OnnxGraph, x: Name, batch: number, features: number): Name {
  const { block } = graph;
  const missing = (block - (batch % block)) % block;
  const rows = graph.reshape(x, [batch, features]);
  return missing === 0 ? rows : graph.concat([rows, graph.zeros([missing, features])], 0);
}

/** x as [chunks of 16 samples, D, H·W, I, 16 samples], or of 8 where that is the block. */
function samplesInnermost(graph: OnnxGraph, x: LaidOut, { b, d, h, w, inner }: ConvSizes, chunks: number): Name {
  const { block } = graph;
  const filled = chunks * block;
  const hw = h * w;
  const reorder = (name: Name, rows: number, columns: number): Name =>
    graph.blocked(
      'ReorderInput',
      [graph.reshape(fillBatch(graph, name, b, rows * columns), [1, filled, rows, columns])],
      {},
    );
  if (inner < block) {
    const bySample = graph.reshape(reorder(x.in('slices'), d * inner, hw), [chunks * d, inner, hw, block]);
    return graph.transpose(bySample, [0, 2, 1, 3]);
  }
  return reorder(x.in('blocked'), d, hw * block);
}

/**
 * Group: one slice of one chunk of samples. Image: its rows, the I channels of a pixel beside each other (hence the
 * dilation I along a row). Kernel: dy's slice. What comes out at offset (kd, kh, kw·I + i) is dW[kd, kh, kw, i].
 */
const overBatch: Recipe = (graph, x, dy, sizes) => {
  const { b, d, h, w, inner, outer } = sizes;
  const { block } = graph;
  const chunks = Math.ceil(b / block);
  const groups = chunks * d;
  const rowSize = (w + 2) * inner;

  const pixels = graph.reshape(samplesInnermost(graph, x, sizes, chunks), [chunks, d, h, w, inner * block]);
  const padded = graph.node('Pad', [pixels, graph.int64([0, 1, 0, 1, 0, 0, 1, 0, 1, 0])]);
  const taps = [0, 1, 2].flatMap((kd) =>
    Array.from({ length: groups }, (_, g) => Math.floor(g / d) * (d + 2) + (g % d) + kd),
  );
  const slices = graph.reshape(padded, [chunks * (d + 2), h * rowSize * block]);
  const images = graph.reshape(graph.gather(slices, graph.indices(taps, [3, groups]), 0), [
    3,
    groups * block,
    h,
    rowSize,
  ]);

  const pieces = (d * outer * h * w) / block;
  const dyRows = graph.reshape(fillBatch(graph, dy.in('blocked'), b, pieces * block), [chunks * block * pieces, block]);
  const bySlice = graph.gather(dyRows, permutedRows(graph, [chunks, block, pieces], [0, 2, 1]), 0);
  const kernels = graph.reshape(bySlice, [groups * outer, block, h, w]);

  const correlation = graph.blocked('Conv', [images, kernels], {
    kernel_shape: [h, w],
    pads: [1, 0, 1, 0],
    dilations: [1, inner],
    group: groups,
  });
  const bySliceOut = graph.reshape(correlation, [3, groups, outer * 9 * inner]);
  const sum = graph.node('ReduceSum', [bySliceOut, graph.int64([1])], { keepdims: 0 });
  const whole = [3, 3, 3, inner, outer];
  if (outer === block) return graph.reshape(sum, whole);
  return regroup(graph, sum, [3, outer / block, 9 * inner, block], [0, 2, 1, 3], whole);
};

const RECIPES: { name: string; takes: (sizes: ConvSizes, block: number) => boolean; recipe: Recipe }[] = [
  // Whole blocks of samples are as fast by either; a batch that would have to be filled up is up to seven times faster.
  {
    name: 'blocked over slices, 8→16n',
    takes: ({ b, d, inner, outer }, block) =>
      block === BLOCK && inner === PAIRED_CHANNELS && isBlockable(outer) && d % 2 === 0 && b % block !== 0,
    recipe: eightToBlocksOverSlices,
  },
  {
    name: 'blocked over the batch',
    takes: ({ inner, outer }, block) => inner === PAIRED_CHANNELS && isBlockable(outer, block),
    recipe: overBatch,
  },
  {
    name: 'blocked over slices, 8→8',
    takes: ({ d, inner, outer }, block) =>
      block === BLOCK && inner === PAIRED_CHANNELS && outer === PAIRED_CHANNELS && d % 2 === 0,
    recipe: eightOverSlices,
  },
  {
    name: 'blocked over slices, 1→8',
    takes: ({ d, inner, outer }, block) => block === BLOCK && inner === 1 && outer === PAIRED_CHANNELS && d % 2 === 0,
    recipe: singleOverSlices,
  },
];

export const blockedFilterGradient: Lowering<'ConvFilterGradient'>[] = RECIPES.map(({ name, takes, recipe }) => ({
  name,
  takes: (op, context) => takesBlocked(op.attributes, context, takes),
  lower(op, context) {
    const [x, dy] = op.inputs;
    return result(context, op, recipe(context.graph, context.input(x!), context.input(dy!), sizesOf(op.attributes)));
  },
}));
