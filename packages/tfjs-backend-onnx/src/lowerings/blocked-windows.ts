/**
 * Convolutions of two and three dimensions, any kernel, stride, padding and dilation, on ONNX Runtime's blocked 2D
 * kernels. Slices along depth that an output slice sees are laid beside each other as channels.
 * Takes whole blocks of output channels, and of input channels either whole blocks or fewer than one: those few are
 * read in TF.js's own order, which the blocked kernels do for a network's first layer.
 */
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Op } from '../graph/op';
import { sizeOf } from '../graph/op';
import { blockOf } from './blocked-convolution';
import { fillBlocks, gatherTaps, geometryOf, isSlidingOverSlices, wantsPaddedRows } from './blocked-geometry';
import type { Geometry } from './blocked-geometry';
import type { LaidOut } from './layouts';
import { plain, result } from './lowering';
import type { Lowering, LoweringContext } from './lowering';
import { permuteRows } from './rows';

function takes(op: Op<'Conv' | 'ConvBias'>, context: LoweringContext): boolean {
  const { inner, outer, kernel } = geometryOf(op.attributes);
  const isFew = inner * kernel[0] < (blockOf(context) ?? 0);
  return isSlidingOverSlices(op) && fillBlocks(context, outer) && (isFew || fillBlocks(context, inner));
}

/** [kd, kh, kw, I, O] as blocked kernels want it. */
function blockFilter(graph: OnnxGraph, filter: Name, { kernel, inner, outer }: Geometry): Name {
  const { block } = graph;
  const [depth, height, width] = kernel;
  const joined = [outer, depth * inner, height, width];
  const isFew = inner % block !== 0;
  const dims = isFew
    ? [depth, height * width, 1, inner, outer / block]
    : [depth, height * width, inner / block, block, outer / block];
  const perm = isFew ? [4, 0, 3, 1, 2] : [4, 0, 2, 1, 3];
  return graph.reshape(permuteRows(graph, filter, { dims, perm, row: block }), joined);
}

function convolve(op: Op<'Conv' | 'ConvBias'>, context: LoweringContext): LaidOut {
  const { graph } = context;
  const geometry = geometryOf(op.attributes);
  const { batch, inner, outer, inSize, outSize, kernel, strides, dilations, before, after } = geometry;
  const [x, filter, bias] = op.inputs;
  const [depth, height, width] = inSize;
  const isWhole = inner % graph.block === 0;
  const ends = [before[2], after[2]] as const;
  const isPadded = wantsPaddedRows(kernel[0], ends, outer / graph.block);
  const slices = gatherTaps(
    graph,
    context.input(x!).in(isWhole ? 'blocked' : 'slices'),
    [batch, depth, inner * height * width],
    {
      outputs: outSize[0],
      taps: kernel[0],
      first: -before[0],
      stride: strides[0],
      dilation: dilations[0],
      rows: isPadded ? { width, lane: isWhole ? graph.block : 1, before: ends[0], after: ends[1] } : undefined,
    },
  );
  const [left, right] = isPadded ? [0, 0] : ends;
  const seen = width + before[2] + after[2] - left - right;
  const images = graph.reshape(slices, [batch * outSize[0], kernel[0] * inner, height, seen]);
  const biases = bias ? [graph.reshape(plain(context, bias), [sizeOf(bias.shape)])] : [];
  const isActivated = op.kernel === 'ConvBias' && (op as Op<'ConvBias'>).attributes.relu;
  const y = graph.blocked('Conv', [images, blockFilter(graph, plain(context, filter!), geometry), ...biases], {
    kernel_shape: kernel.slice(1),
    strides: strides.slice(1),
    dilations: dilations.slice(1),
    pads: [before[1], left, after[1], right],
    ...(isActivated ? { activation: 'Relu' } : {}),
  });
  return result(context, op, y, 'blocked');
}

const lowering = { name: 'blocked windows', takes, lower: convolve };
export const blockedWindows: Lowering<'Conv'> = lowering;
export const blockedWindowsBias: Lowering<'ConvBias'> = lowering;
