/**
 * The gradient of a convolution's filter, in two and three dimensions, as a grouped blocked convolution: the images
 * are slices of x in TF.js's own order, I channels beside each other along a row; the kernels are slices of dy. A
 * group sums over a few slices as its channels, fewer than a block, so that x need not be blocked. What comes out at
 * (kh, kw·I + i) is dW[kh, kw, i]; for each tap along depth dy is moved, not x.
 * Takes whole blocks of output channels, any number of input channels, any kernel and stride; no dilation.
 */
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Op } from '../graph/op';
import { fillBlocks, geometryOf, isSlidingOverSlices } from './blocked-geometry';
import type { Geometry } from './blocked-geometry';
import { plain, result } from './lowering';
import type { Lowering, LoweringContext } from './lowering';
import { permuteRows, steps, sumGroups } from './rows';

function takes(op: Op<'ConvFilterGradient'>, context: LoweringContext): boolean {
  const { outer, dilations } = geometryOf(op.attributes);
  return isSlidingOverSlices(op) && fillBlocks(context, outer) && dilations.every((d) => d === 1);
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

/** x with each row padded to just what the windows see; rows above and below are left to the convolution if possible. */
function padImages(
  graph: OnnxGraph,
  x: Name,
  geometry: Geometry,
  filled: number,
): { images: Name; rowPads: [number, number] } {
  const { batch, inner, inSize, outSize, kernel, strides, before } = geometry;
  const [depth, height, width] = inSize;
  const seen = (axis: 1 | 2): number => (outSize[axis] - 1) * strides[axis] + kernel[axis];
  const below = seen(1) - height - before[1];
  const right = seen(2) - width - before[2];
  const isCut = below < 0;
  const [padAbove, padBelow] = isCut ? [before[1], below] : [0, 0];
  const slices = [batch * depth, height, width * inner];
  const pads = [0, padAbove, before[2] * inner, filled - batch * depth, padBelow, right * inner];
  const images = pads.every((pad) => pad === 0)
    ? graph.reshape(x, slices)
    : graph.node('Pad', [graph.reshape(x, slices), graph.int64(pads)]);
  return { images, rowPads: isCut ? [0, 0] : [before[1], below] };
}

/** Rows of dy for each group: [groups, taps along depth, O/16, slices together], a row being one block of a slice. */
function kernelsOf(graph: OnnxGraph, dy: Name, geometry: Geometry, { together, groups }: Grouping): Name {
  const { batch, outer, inSize, outSize, kernel, strides, before } = geometry;
  const blocks = outer / graph.block;
  const size = outSize[1] * outSize[2] * graph.block;
  const depth = inSize[0];
  /** The slice of dy that tap kd of slice d of x meets, or none. */
  const met = (d: number, kd: number): number => {
    const place = d + before[0] - kd;
    const slice = place / strides[0];
    return Number.isInteger(slice) && slice >= 0 && slice < outSize[0] ? slice : -1;
  };
  const zeroRow = batch * outSize[0] * blocks;
  const rows = steps(groups).flatMap((group) =>
    steps(kernel[0]).flatMap((kd) =>
      steps(blocks).flatMap((block) =>
        steps(together, group * together).map((slice) => {
          const from = met(slice % depth, kd);
          return from < 0 || slice >= batch * depth
            ? zeroRow
            : (Math.floor(slice / depth) * outSize[0] + from) * blocks + block;
        }),
      ),
    ),
  );
  const dyRows = graph.reshape(dy, [zeroRow, size]);
  const isInOrder = rows.length === zeroRow && rows.every((row, i) => row === i);
  if (isInOrder) return dyRows;
  const source = rows.includes(zeroRow) ? graph.concat([dyRows, graph.zeros([1, size])], 0) : dyRows;
  return graph.gather(source, graph.indices(rows), 0);
}

function lower(op: Op<'ConvFilterGradient'>, context: LoweringContext) {
  const { graph } = context;
  const { block } = graph;
  const geometry = geometryOf(op.attributes);
  const { batch, inner, outer, inSize, outSize, kernel, strides } = geometry;
  const grouping = groupSlices(batch * inSize[0], block);
  const { filled, together, groups } = grouping;
  const { images, rowPads } = padImages(graph, plain(context, op.inputs[0]!), geometry, filled);
  const kernels = kernelsOf(graph, context.input(op.inputs[1]!).in('blocked'), geometry, grouping);
  const filters = kernel[0] * outer;
  const imageHeight = (outSize[1] - 1) * strides[1] + kernel[1] - rowPads[0] - rowPads[1];
  const imageWidth = ((outSize[2] - 1) * strides[2] + kernel[2]) * inner;

  const correlation = graph.blocked(
    'Conv',
    [
      graph.reshape(images, [1, filled, imageHeight, imageWidth]),
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
  const sum = sumGroups(graph, correlation, groups, filters * taps);
  const dims = [kernel[0], outer / block, taps];
  const inOrder = outer === block ? sum : permuteRows(graph, sum, { dims, perm: [0, 2, 1], row: block });
  return result(context, op, graph.reshape(inOrder, op.shape));
}

export const blockedWindowsFilterGradient: Lowering<'ConvFilterGradient'> = { name: 'blocked windows', takes, lower };
