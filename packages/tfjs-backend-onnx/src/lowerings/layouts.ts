import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Shape } from '../graph/op';
import { permuteRows } from './rows';

/**
 * How a tensor of TF.js shape [B, D, H, W, C] lies in memory. All but `canonical` and `channelsFirst` are for five
 * dimensions, or four with D = 1; the padded ones have one slice of zeros before the first and after the last.
 *
 * | layout          | form                        | for                                                           |
 * |-----------------|-----------------------------|---------------------------------------------------------------|
 * | `canonical`     | [B, D, H, W, C]             | TF.js's own order; any rank                                   |
 * | `channelsFirst` | [B, C, D, H, W]             | ONNX's Conv and MaxPool; any rank from three                  |
 * | `slices`        | [B, D, C, H·W]              | every slice a 2D image of C channels                          |
 * | `blocked`       | [B, D, C/16, H·W, 16]       | blocked 2D kernels on slices, C a multiple of 16 (8 on AVX2)  |
 * | `paired`        | [B, D/2, H·W, (2, 8)]       | C = 8: two neighbouring slices share one block                |
 * | `slicesPadded`  | [B, D+2, C·H·W]             | taps along depth                                              |
 * | `blockedPadded` | [B, D+2, C·H·W]             | taps along depth                                              |
 * | `framed`        | [B, D/2+1, H, W+2, 16]      | pairs of the padded depths: (pad, 0), (1, 2), … (D-1, pad),   |
 * |                 |                             | and a pixel of zeros before and after each row                |
 * | `framedLoose`   | the same                    | where the pads hold anything: a gradient before its mask      |
 */
export type Layout =
  | 'canonical'
  | 'channelsFirst'
  | 'slices'
  | 'blocked'
  | 'paired'
  | 'slicesPadded'
  | 'blockedPadded'
  | 'framed'
  | 'framedLoose';

/** Channels of one block with AVX-512, for which the paired layouts are written; `graph.block` is this CPU's. */
export const BLOCK = 16;
export const PAIRED_CHANNELS = BLOCK / 2;

/** One tensor in as many layouts as its readers asked for; each conversion is made once, on demand. */
export class LaidOut {
  private readonly forms = new Map<Layout, Name>();

  constructor(
    private readonly graph: OnnxGraph,
    readonly shape: Shape,
    /** The layout it was computed in, which elementwise readers keep. */
    readonly origin: Layout,
    name: Name,
  ) {
    this.forms.set(origin, name);
  }

  in(layout: Layout): Name {
    const known = this.forms.get(layout);
    if (known !== undefined) return known;
    const made = CONVERSIONS[layout](this.graph, this);
    this.forms.set(layout, made);
    return made;
  }

  has(layout: Layout): boolean {
    return this.forms.has(layout);
  }
}

/** The shape under which a layout is kept in the graph, so that two tensors in one layout can meet elementwise. */
export function formOf(layout: Layout, shape: Shape, block = BLOCK): number[] {
  if (layout === 'canonical') return [...shape];
  if (layout === 'channelsFirst') return [shape[0]!, shape[shape.length - 1]!, ...shape.slice(1, -1)];
  const [b, d, h, w, c] = fiveOf(shape);
  const forms = {
    slices: [b, d, c, h * w],
    blocked: [b, d, c / block, h * w, block],
    paired: [b, d / 2, h * w, BLOCK],
    slicesPadded: [b, d + 2, c * h * w],
    blockedPadded: [b, d + 2, c * h * w],
    framed: [b, d / 2 + 1, h, w + 2, BLOCK],
    framedLoose: [b, d / 2 + 1, h, w + 2, BLOCK],
  };
  return forms[layout];
}

/** Batch, depth, height, width and channels; an image is a volume of one slice. */
export function fiveOf(shape: Shape): [number, number, number, number, number] {
  const [batch, ...rest] = shape;
  return (shape.length === 4 ? [batch, 1, ...rest] : shape) as [number, number, number, number, number];
}

export function isBlockable(channels: number, block = BLOCK): boolean {
  return channels % block === 0;
}

type Convert = (graph: OnnxGraph, tensor: LaidOut) => Name;

const CONVERSIONS: Record<Layout, Convert> = {
  canonical,
  channelsFirst,
  slices,
  blocked,
  paired,
  slicesPadded,
  blockedPadded,
  framed,
  framedLoose: framed,
};

function canonical(graph: OnnxGraph, tensor: LaidOut): Name {
  if (tensor.has('channelsFirst')) {
    const rank = tensor.shape.length;
    if (tensor.shape[rank - 1] === 1) return graph.reshape(tensor.in('channelsFirst'), tensor.shape);
    return graph.transpose(tensor.in('channelsFirst'), [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1]);
  }
  const [b, d, h, w, c] = fiveOf(tensor.shape);
  const reordered = (name: Name, form: Shape, perm: readonly number[]): Name =>
    graph.reshape(graph.transpose(graph.reshape(name, form), perm), tensor.shape);
  if (tensor.has('blocked')) {
    const { block } = graph;
    if (c === block) return graph.reshape(tensor.in('blocked'), tensor.shape);
    const rows = { groups: b * d, dims: [c / block, h * w], perm: [1, 0], row: block };
    return graph.reshape(permuteRows(graph, tensor.in('blocked'), rows), tensor.shape);
  }
  if (liesInPairs(tensor)) return reordered(tensor.in('paired'), [(b * d) / 2, h * w, 2, 8], [0, 2, 1, 3]);
  if (c === 1) return graph.reshape(tensor.in('slices'), tensor.shape);
  return reordered(tensor.in('slices'), [b * d, c, h * w], [0, 2, 1]);
}

function channelsFirst(graph: OnnxGraph, tensor: LaidOut): Name {
  const { shape } = tensor;
  const rank = shape.length;
  if (shape[rank - 1] === 1) return graph.reshape(tensor.in('canonical'), formOf('channelsFirst', shape));
  // An image of one slice has its channels first already.
  if (rank === 4 && tensor.has('blocked')) return graph.reshape(tensor.in('slices'), formOf('channelsFirst', shape));
  return graph.transpose(tensor.in('canonical'), [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)]);
}

function slices(graph: OnnxGraph, tensor: LaidOut): Name {
  const [b, d, h, w, c] = fiveOf(tensor.shape);
  const form = formOf('slices', tensor.shape);
  if (tensor.shape.length === 4 && tensor.has('channelsFirst')) return graph.reshape(tensor.in('channelsFirst'), form);
  if (liesInPairs(tensor)) {
    return graph.reshape(reorderOut(graph, tensor.in('paired'), [(b * d) / 2, BLOCK, h, w]), form);
  }
  if (tensor.has('blocked')) return graph.reshape(reorderOut(graph, tensor.in('blocked'), [b * d, c, h, w]), form);
  if (c === 1) return graph.reshape(tensor.in('canonical'), form);
  return graph.reshape(graph.transpose(graph.reshape(tensor.in('canonical'), [b * d, h * w, c]), [0, 2, 1]), form);
}

function blocked(graph: OnnxGraph, tensor: LaidOut): Name {
  const [b, d, h, w, c] = fiveOf(tensor.shape);
  const { block } = graph;
  const form = formOf('blocked', tensor.shape, block);
  const isChannelsFirst = tensor.shape.length === 4 && tensor.has('channelsFirst');
  if (c === block && !isChannelsFirst) return graph.reshape(tensor.in('canonical'), form);
  if (tensor.has('slices') || isChannelsFirst)
    return graph.reshape(reorderIn(graph, tensor.in('slices'), [b * d, c, h, w]), form);
  const rows = { groups: b * d, dims: [h * w, c / block], perm: [1, 0], row: block };
  return graph.reshape(permuteRows(graph, tensor.in('canonical'), rows), form);
}

function paired(graph: OnnxGraph, tensor: LaidOut): Name {
  const [b, d, h, w] = fiveOf(tensor.shape);
  const form = formOf('paired', tensor.shape);
  const frame = (['framed', 'framedLoose'] as const).find((layout) => tensor.has(layout));
  if (frame) {
    const columns = graph.slice(graph.reshape(tensor.in(frame), formOf(frame, tensor.shape)), [1], [w + 1], [3]);
    return graph.reshape(pairAnew(graph, columns, [b, d / 2 + 1, h * w], 0), form);
  }
  if (tensor.has('slices')) {
    return graph.reshape(reorderIn(graph, tensor.in('slices'), [(b * d) / 2, BLOCK, h, w]), form);
  }
  const pairs = graph.reshape(tensor.in('canonical'), [(b * d) / 2, 2, h * w, PAIRED_CHANNELS]);
  return graph.reshape(graph.transpose(pairs, [0, 2, 1, 3]), form);
}

function slicesPadded(graph: OnnxGraph, tensor: LaidOut): Name {
  return padDepth(graph, tensor.in('slices'), tensor.shape);
}

function blockedPadded(graph: OnnxGraph, tensor: LaidOut): Name {
  return padDepth(graph, tensor.in('blocked'), tensor.shape);
}

function framed(graph: OnnxGraph, tensor: LaidOut): Name {
  const [b, d, h, w] = fiveOf(tensor.shape);
  const pairs = b * (d / 2 + 1);
  const shifted = liesInPairs(tensor)
    ? pairAnew(graph, tensor.in('paired'), [b, d / 2, h * w], 1)
    : reorderIn(graph, tensor.in('slicesPadded'), [pairs, BLOCK, h, w]);
  const zeros = graph.zeros([pairs * h, BLOCK]);
  const rows = graph.concat([zeros, graph.reshape(shifted, [pairs * h, w * BLOCK]), zeros], 1);
  return graph.reshape(rows, formOf('framed', tensor.shape));
}

/**
 * Pairs of slices to pairs that begin one slice earlier: the second half of each and the first half of the next.
 * A blocked convolution along depth whose filter only moves channels, so `pad` pairs of zeros at both ends cost
 * nothing; half the time of going by way of single slices. [B, pairs, pixels, 16] → [B, pairs - 1 + 2·pad, pixels, 16]
 */
function pairAnew(graph: OnnxGraph, pairs: Name, form: readonly [number, number, number], pad: 0 | 1): Name {
  const [b, count, pixels] = form;
  const filter = new Float32Array(2 * BLOCK * BLOCK); // [2 pairs, 16 from, 16 to]
  for (let c = 0; c < PAIRED_CHANNELS; c++) {
    filter[(PAIRED_CHANNELS + c) * BLOCK + c] = 1;
    filter[(BLOCK + c) * BLOCK + PAIRED_CHANNELS + c] = 1;
  }
  const image = graph.reshape(pairs, [b, BLOCK, count, pixels]);
  const attributes = { kernel_shape: [2, 1], pads: [pad, 0, pad, 0] };
  return graph.blocked('Conv', [image, graph.floats(filter, [BLOCK, BLOCK, 2, 1])], attributes);
}

export function liesInPairs(tensor: LaidOut): boolean {
  return tensor.has('paired') || tensor.has('framed') || tensor.has('framedLoose');
}

/** Concat, not Pad: on the CPU provider it is a plain copy of whole slices. */
function padDepth(graph: OnnxGraph, x: Name, shape: Shape): Name {
  const [b, d, h, w, c] = fiveOf(shape);
  const zeros = graph.zeros([b, 1, c * h * w]);
  return graph.concat([zeros, graph.reshape(x, [b, d, c * h * w]), zeros], 1);
}

/** [N, C, H, W] plain → blocked. */
export function reorderIn(graph: OnnxGraph, x: Name, dims: Shape): Name {
  return graph.blocked('ReorderInput', [graph.reshape(x, dims)], {});
}

/** [N, C, H, W] blocked → plain. */
export function reorderOut(graph: OnnxGraph, x: Name, dims: Shape): Name {
  return graph.blocked('ReorderOutput', [graph.reshape(x, dims)], { channels: dims[1]! });
}
