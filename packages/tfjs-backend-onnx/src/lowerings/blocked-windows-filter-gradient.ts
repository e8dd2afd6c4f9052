/**
 * The gradient of a convolution's filter, in two and three dimensions, as a grouped blocked convolution: the images
 * are slices of x in TF.js's own order, I channels beside each other along a row; the kernels are slices of dy. A
 * group sums over a few slices as its channels, fewer than a block, so that x need not be blocked. What comes out at
 * (kh, kw·I + i) is dW[kh, kw, i]. For the taps along depth, dy is moved against x; or x against dy, where a stride
 * along depth leaves few slices of dy.
 * Takes whole blocks of output channels, any number of input channels, any kernel and stride; no dilation.
 */
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Op } from '../graph/op';
import { isSame3x3x3 } from './blocked-convolution';
import { fillBlocks, geometryOf, isSlidingOverSlices } from './blocked-geometry';
import type { Geometry } from './blocked-geometry';
import { PAIRED_CHANNELS } from './layouts';
import { plain, result } from './lowering';
import type { Lowering, LoweringContext } from './lowering';
import { permuteRows, steps, sumGroups } from './rows';

function takes(op: Op<'ConvFilterGradient'>, context: LoweringContext): boolean {
  const { inner, outer, dilations } = geometryOf(op.attributes);
  // Eight channels lie in pairs of slices, for which blocked-filter-gradient.ts has its own ways.
  const isPaired = inner === PAIRED_CHANNELS && isSame3x3x3(op.attributes);
  return isSlidingOverSlices(op) && !isPaired && fillBlocks(context, outer) && dilations.every((d) => d === 1);
}

/** How slices are grouped. Fewer than a block are one group; more are filled up to whole blocks with zeros. */
function groupSlices(slices: number, block: number): Grouping {
  if (slices < block) return { filled: slices, together: slices, groups: 1 };
  const filled = Math.ceil(slices / block) * block;
  return { filled, together: block / 2, groups: (2 * filled) / block };
}

interface Grouping {
  /** Slices, with those of zeros. */
  filled: number;
  /** Slices of one group. */
  together: number;
  groups: number;
}

/** Which slices of x and dy meet. A slice is a number b · depth + d; -1 stands for zeros. */
interface Meetings {
  /** For each round the slices of x: one convolution goes over all rounds with the same kernels. */
  x: number[][];
  /** For each tap in one round's kernels the slices of dy, as many as of x. */
  dy: number[][];
}

function meetingsOf({ batch, inSize, outSize, kernel, strides, before }: Geometry): Meetings {
  const [depthIn, depthOut, stride] = [inSize[0], outSize[0], strides[0]];
  const taps = steps(kernel[0]);
  const within = (slice: number, depth: number): boolean => slice >= 0 && slice < depth;
  const all = (depth: number, place: (d: number) => number, other: number): number[] =>
    steps(batch * depth).map((slice) => {
      const met = place(slice % depth);
      return within(met, other) ? Math.floor(slice / depth) * other + met : -1;
    });
  if (stride === 1) {
    const dy = taps.map((tap) => all(depthIn, (d) => d + before[0] - tap, depthOut));
    return { x: [steps(batch * depthIn)], dy };
  }
  const x = taps.map((tap) => all(depthOut, (d) => d * stride + tap - before[0], depthIn));
  return { x, dy: [steps(batch * depthOut)] };
}

/** x with each row padded to just what the windows see; rows above and below are left to the convolution if possible. */
function imagesOf(
  graph: OnnxGraph,
  x: Name,
  geometry: Geometry,
  rounds: readonly (readonly number[])[],
): { images: Name; rowPads: [number, number] } {
  const { batch, inner, inSize, outSize, kernel, strides, before } = geometry;
  const [depth, height, width] = inSize;
  const seen = (axis: 1 | 2): number => (outSize[axis] - 1) * strides[axis] + kernel[axis];
  const below = seen(1) - height - before[1];
  const right = seen(2) - width - before[2];
  const isCut = below < 0;
  const [padAbove, padBelow] = isCut ? [before[1], below] : [0, 0];
  const slices = batch * depth;
  const places = rounds.flat().map((slice) => (slice < 0 ? slices : slice));
  const isInOrder = places.every((place, i) => place === Math.min(i, slices));
  const zeroSlices = isInOrder ? places.length - slices : 1;
  const pads = [0, padAbove, before[2] * inner, zeroSlices, padBelow, right * inner];
  const rows = graph.reshape(x, [slices, height, width * inner]);
  const padded = pads.every((pad) => pad === 0) ? rows : graph.node('Pad', [rows, graph.int64(pads)]);
  const images = isInOrder ? padded : graph.gather(padded, graph.indices(places), 0);
  return { images, rowPads: isCut ? [0, 0] : [before[1], below] };
}

/** Rows of dy: [groups, taps, O/16, slices together], a row being one block of a slice. */
function kernelsOf(
  graph: OnnxGraph,
  dy: Name,
  { batch, outer, outSize }: Geometry,
  taps: readonly (readonly number[])[],
  { together, groups }: Grouping,
): Name {
  const blocks = outer / graph.block;
  const size = outSize[1] * outSize[2] * graph.block;
  const zeroRow = batch * outSize[0] * blocks;
  const rows = steps(groups).flatMap((group) =>
    taps.flatMap((slices) =>
      steps(blocks).flatMap((block) =>
        steps(together, group * together).map((at) => (slices[at]! < 0 ? zeroRow : slices[at]! * blocks + block)),
      ),
    ),
  );
  const dyRows = graph.reshape(dy, [zeroRow, size]);
  if (rows.length === zeroRow && rows.every((row, i) => row === i)) return dyRows;
  const source = rows.includes(zeroRow) ? graph.concat([dyRows, graph.zeros([1, size])], 0) : dyRows;
  return graph.gather(source, graph.indices(rows), 0);
}

function lower(op: Op<'ConvFilterGradient'>, context: LoweringContext) {
  const { graph } = context;
  const { block } = graph;
  const geometry = geometryOf(op.attributes);
  const { inner, outer, outSize, kernel, strides } = geometry;
  const meetings = meetingsOf(geometry);
  const grouping = groupSlices(meetings.x[0]!.length, block);
  const { filled, together, groups } = grouping;
  const fill = (slices: readonly number[]): number[] => [...slices, ...steps(filled - slices.length, -1, 0)];
  const { images, rowPads } = imagesOf(graph, plain(context, op.inputs[0]!), geometry, meetings.x.map(fill));
  const dy = context.input(op.inputs[1]!).in('blocked');
  const kernels = kernelsOf(graph, dy, geometry, meetings.dy.map(fill), grouping);
  const filters = meetings.dy.length * outer;
  const imageHeight = (outSize[1] - 1) * strides[1] + kernel[1] - rowPads[0] - rowPads[1];
  const imageWidth = ((outSize[2] - 1) * strides[2] + kernel[2]) * inner;

  const correlation = graph.blocked(
    'Conv',
    [
      graph.reshape(images, [meetings.x.length, filled, imageHeight, imageWidth]),
      graph.reshape(kernels, [groups * filters, together, outSize[1], outSize[2]]),
    ],
    {
      kernel_shape: [outSize[1], outSize[2]],
      dilations: [strides[1], strides[2] * inner],
      pads: [rowPads[0], 0, rowPads[1], 0],
      group: groups,
    },
  );
  const taps = kernel[1] * kernel[2] * inner;
  const sum = sumGroups(graph, correlation, [meetings.x.length, groups, filters * taps]);
  const dims = [kernel[0], outer / block, taps];
  const inOrder = outer === block ? sum : permuteRows(graph, sum, { dims, perm: [0, 2, 1], row: block });
  return result(context, op, graph.reshape(inOrder, op.shape));
}

export const blockedWindowsFilterGradient: Lowering<'ConvFilterGradient'> = { name: 'blocked windows', takes, lower };
