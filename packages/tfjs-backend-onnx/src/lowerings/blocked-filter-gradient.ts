/**
 * The gradient of a 3×3×3 convolution's filter as one grouped blocked convolution: dy is the kernel, x the image,
 * and what a convolution sums over (a block of channels) is the batch, or for eight channels a stretch of a row.
 */
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import { regroup, sizesOf, takesBlocked } from './blocked-convolution';
import type { ConvSizes } from './blocked-convolution';
import { BLOCK, PAIRED_CHANNELS, isBlockable } from './layouts';
import type { LaidOut } from './layouts';
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

// ── sixteen channels and more: the batch is the block ───────────────────────────────────────────────────────────

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
  const blocks = inner / block;
  const bySample = reorder(x.in('blocked'), d * blocks, hw * block);
  if (blocks === 1) return bySample;
  const rows = graph.reshape(bySample, [chunks * d * blocks * hw, block * block]);
  return graph.gather(rows, permutedRows(graph, [chunks * d, blocks, hw], [0, 2, 1]), 0);
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

// ── eight channels: a stretch of sixteen pixels is the block, and the group a pair of slices ────────────────────

/** Sums over all groups, then over the two slices of a pair: slice p sees tap kd + p of the four. */
function foldPairs(graph: OnnxGraph, correlation: Name, groups: number, form: PairForm): Name {
  const ones = graph.floats(new Float32Array(groups).fill(1), [1, groups]);
  const { split, perm, whole } = form;
  const size = split.reduce((a, b) => a * b, 1);
  const sum = graph.node('MatMul', [ones, graph.reshape(correlation, [groups, size])]);
  const byParity = graph.transpose(graph.reshape(sum, split), perm);
  const halves = [graph.slice(byParity, [0, 0], [1, 3], [0, 1]), graph.slice(byParity, [1, 1], [2, 4], [0, 1])];
  return graph.reshape(graph.node('Add', halves), whole);
}

interface PairForm {
  split: readonly number[];
  /** To [2 slices of the pair, 4 taps, kh, kw, …]. */
  perm: readonly number[];
  whole: readonly number[];
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** 8 → 8: the kernel is dy moved by each of three places along the row. */
const pairsOverRows: Recipe = (graph, x, dy, { b, d, h, w }) => {
  const groups = (b * d) / 2;
  const stretches = w / BLOCK;

  const pieces: number[] = [];
  for (const pair of range(d / 2))
    for (const s of range(stretches))
      for (const row of range(h))
        for (const tap of range(4))
          for (const c of range(8)) pieces.push((((2 * pair + tap) * 8 + c) * h + row) * stretches + s);
  const xPieces = graph.reshape(x.in('slicesPadded'), [b, (d + 2) * 8 * h * stretches, BLOCK]);
  const images = graph.reshape(graph.gather(xPieces, graph.indices(pieces), 1), [1, groups * w, h, 32]);

  const beyond = h * w;
  const pixels: number[] = [];
  for (const kw of range(3))
    for (const s of range(stretches))
      for (const row of range(h))
        for (const i of range(BLOCK)) {
          const column = s * BLOCK + i - kw + 1;
          pixels.push(column >= 0 && column < w ? row * w + column : beyond);
        }
  const dyPixels = graph.concat(
    [graph.reshape(dy.in('paired'), [groups, h * w, BLOCK]), graph.zeros([groups, 1, BLOCK])],
    1,
  );
  const kernels = graph.reshape(graph.gather(dyPixels, graph.indices(pixels), 1), [groups * 3 * BLOCK, w, h, 1]);

  const correlation = graph.blocked('Conv', [images, kernels], {
    kernel_shape: [h, 1],
    pads: [1, 0, 1, 0],
    group: groups,
  });
  return foldPairs(graph, correlation, groups, {
    split: [3, 3, 4, 8, 2, 8], // kw, kh, tap, i, slice of the pair, o
    perm: [4, 2, 1, 0, 3, 5],
    whole: [3, 3, 3, 8, 8],
  });
};

/** 1 → 8: x is cheap to move along the row instead. */
const singleOverRows: Recipe = (graph, x, dy, { b, d, h, w }) => {
  const groups = (b * d) / 2;
  const stretches = w / BLOCK;

  const slices = graph.reshape(x.in('slicesPadded'), [b, d + 2, h, w]);
  const padded = graph.node('Pad', [slices, graph.int64([0, 0, 0, 1, 0, 0, 0, 1])]);
  const moved = range(3).map((kw) =>
    graph.reshape(graph.slice(padded, [kw], [kw + w], [3]), [b, 1, (d + 2) * h * stretches, BLOCK]),
  );
  const xPieces = graph.reshape(graph.concat(moved, 1), [b, 3 * (d + 2) * h * stretches, BLOCK]);
  const pieces: number[] = [];
  for (const pair of range(d / 2))
    for (const s of range(stretches))
      for (const row of range(h))
        for (const kw of range(3))
          for (const tap of range(4)) pieces.push(((kw * (d + 2) + 2 * pair + tap) * h + row) * stretches + s);
  const images = graph.reshape(graph.gather(xPieces, graph.indices(pieces), 1), [1, groups * w, h, 12]);

  const dyStretches = graph.reshape(dy.in('paired'), [groups, h * stretches, BLOCK * BLOCK]);
  const byColumn = graph.gather(dyStretches, permutedRows(graph, [h, stretches], [1, 0]), 1);
  const kernels = graph.reshape(byColumn, [groups * BLOCK, w, h, 1]);

  const correlation = graph.blocked('Conv', [images, kernels], {
    kernel_shape: [h, 1],
    pads: [1, 0, 1, 0],
    group: groups,
  });
  return foldPairs(graph, correlation, groups, {
    split: [3, 3, 4, 2, 8], // kh, kw, tap, slice of the pair, o
    perm: [3, 2, 0, 1, 4],
    whole: [3, 3, 3, 1, 8],
  });
};

const hasWholeStretches = ({ d, w }: ConvSizes): boolean => d % 2 === 0 && w % BLOCK === 0;

const RECIPES: { name: string; takes: (sizes: ConvSizes, block: number) => boolean; recipe: Recipe }[] = [
  {
    name: 'blocked over the batch',
    takes: ({ inner, outer }, block) =>
      isBlockable(outer, block) && ((inner === PAIRED_CHANNELS && block === BLOCK) || isBlockable(inner, block)),
    recipe: overBatch,
  },
  {
    name: 'blocked over rows, 8→8',
    takes: (sizes, block) =>
      block === BLOCK && sizes.inner === PAIRED_CHANNELS && sizes.outer === PAIRED_CHANNELS && hasWholeStretches(sizes),
    recipe: pairsOverRows,
  },
  {
    name: 'blocked over rows, 1→8',
    takes: (sizes, block) =>
      block === BLOCK && sizes.inner === 1 && sizes.outer === PAIRED_CHANNELS && hasWholeStretches(sizes),
    recipe: singleOverRows,
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
