/**
 * A convolution of two or three dimensions as stacks of 2D slices, which is what ONNX Runtime's blocked kernels work
 * on: an image is a volume of one slice. Used by the blocked lowerings of any kernel size and stride.
 */
import type { WindowAttributes } from '../graph/kernels';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import { sizeOf } from '../graph/op';
import type { Op } from '../graph/op';
import { blockOf } from './blocked-convolution';
import { fiveOf } from './layouts';
import type { LoweringContext } from './lowering';
import { steps } from './rows';

/** Depth, height, width. */
export type Three = readonly [number, number, number];

export interface Geometry {
  batch: number;
  inner: number;
  outer: number;
  inSize: Three;
  outSize: Three;
  kernel: Three;
  strides: Three;
  dilations: Three;
  before: Three;
  after: Three;
}

export function geometryOf(window: WindowAttributes): Geometry {
  const [batch, ...inSize] = fiveOf(window.inShape).slice(0, 4) as [number, number, number, number];
  const outSize = fiveOf(window.outShape).slice(1, 4) as unknown as Three;
  const three = (values: readonly number[], flat: number): Three =>
    (values.length === 3 ? values : [flat, ...values]) as unknown as Three;
  return {
    batch,
    inner: window.inShape.at(-1)!,
    outer: window.outShape.at(-1)!,
    inSize,
    outSize,
    kernel: three(window.kernel, 1),
    strides: three(window.strides, 1),
    dilations: three(window.dilations, 1),
    before: three(window.padsBefore, 0),
    after: three(window.padsAfter, 0),
  };
}

/** Two or three dimensions, every window with a part inside, and the filter over all channels. */
export function isSlidingOverSlices(op: Op<'Conv' | 'ConvBias' | 'ConvInputGradient' | 'ConvFilterGradient'>): boolean {
  const window: WindowAttributes = op.attributes;
  const filter = op.kernel === 'ConvFilterGradient' ? op.shape : op.inputs[1]!.shape;
  const isWithin = (pads: readonly number[]): boolean =>
    pads.every((pad, i) => pad >= 0 && pad <= (window.kernel[i]! - 1) * window.dilations[i]!);
  return (
    (window.kernel.length === 2 || window.kernel.length === 3) &&
    sizeOf(window.inShape) > 0 &&
    sizeOf(window.outShape) > 0 &&
    isWithin(window.padsBefore) &&
    isWithin(window.padsAfter) &&
    filter.at(-2) === window.inShape.at(-1) &&
    hasRoundedDown(geometryOf(window))
  );
}

/** As many outputs as ONNX would say: what a stride leaves over is dropped. */
function hasRoundedDown({ inSize, outSize, kernel, strides, dilations, before, after }: Geometry): boolean {
  return outSize.every((size, i) => {
    const span = (kernel[i]! - 1) * dilations[i]! + 1;
    return size === Math.floor((inSize[i]! + before[i]! + after[i]! - span) / strides[i]!) + 1;
  });
}

/** Whether the graph is for a CPU with blocks, and `channels` fill whole ones. */
export function fillBlocks(context: LoweringContext, channels: number): boolean {
  const block = blockOf(context);
  return block !== null && channels % block === 0;
}

/** Rows of zeros before and after the rows of each group. [groups, rows, size] → [groups, before + rows + after, size] */
export function padRows(
  graph: OnnxGraph,
  x: Name,
  [groups, rows, size]: Three,
  [before, after]: readonly [number, number],
): Name {
  const zeros = (count: number): Name[] => (count > 0 ? [graph.zeros([groups, count, size])] : []);
  return graph.concat([...zeros(before), graph.reshape(x, [groups, rows, size]), ...zeros(after)], 1);
}

/**
 * For each output slice the slices it sees, beside each other: slice `first + i · stride + t · dilation` of x for
 * output i and tap t, zeros where that is outside. [batch, depth, size] → [batch, outputs, taps, size]
 * With `rows` every row gets its zeros at both ends on the way.
 */
export function gatherTaps(
  graph: OnnxGraph,
  x: Name,
  [batch, depth, size]: Three,
  { outputs, taps, first, stride = 1, dilation = 1, rows }: Taps,
): Name {
  const places = steps(outputs, first, stride).flatMap((start) => steps(taps, start, dilation));
  const [before, after] = [Math.max(0, -Math.min(...places)), Math.max(0, Math.max(...places) - depth + 1)];
  if (!rows && places.length === depth && places.every((place, i) => place === i)) return x;
  const padded = rows
    ? padRowEnds(graph, graph.reshape(x, [batch, depth, size / (rows.width * rows.lane), rows.width, rows.lane]), {
        slices: [before, after],
        ends: [rows.before, rows.after],
      })
    : padRows(graph, x, [batch, depth, size], [before, after]);
  const isAll = places.length === depth + before + after && places.every((place, i) => place + before === i);
  if (isAll) return padded;
  return graph.gather(padded, graph.indices(places.map((place) => place + before)), 1);
}

/** [batch, depth, rows, width, lane], with zeros around the depth and the width. */
function padRowEnds(
  graph: OnnxGraph,
  x: Name,
  { slices, ends }: { slices: readonly [number, number]; ends: readonly [number, number] },
): Name {
  return graph.node('Pad', [x, graph.int64([0, slices[0], 0, ends[0], 0, 0, slices[1], 0, ends[1], 0])]);
}

export interface Taps {
  outputs: number;
  taps: number;
  /** May be negative: before the first slice. */
  first: number;
  stride?: number;
  dilation?: number;
  /** Rows of `width` places, each of `lane` numbers, and the zeros to put at their ends. */
  rows?: { width: number; lane: number; before: number; after: number } | undefined;
}

/**
 * Whether rows should get their zeros before a convolution, where they are copied anyway. The kernels compute the
 * outputs at the ends of padded rows one by one, and that is slow where a pixel has few blocks of outputs: a sixth of
 * the time for 24 columns and one or two blocks.
 */
export function wantsPaddedRows(taps: number, ends: readonly [number, number], outputBlocks: number): boolean {
  return taps > 1 && ends[0] + ends[1] > 0 && outputBlocks < 4;
}
