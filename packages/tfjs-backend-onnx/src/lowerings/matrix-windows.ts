/**
 * Convolutions with few pixels and a large filter, as matrix products: the patches that the outputs see are gathered
 * as rows, and the filter is used as it lies, where a blocked kernel would have it rearranged for less work than that.
 * Takes filters of a million numbers and more, with fewer pixels in the whole batch than half their output channels:
 * the last stage of a ResNet-18, on images of 64×64 in batches of 32.
 */
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Op } from '../graph/op';
import { sizeOf } from '../graph/op';
import { fillBlocks, geometryOf, isSlidingOverSlices } from './blocked-geometry';
import type { Geometry } from './blocked-geometry';
import { plain, result } from './lowering';
import type { Lowering, LoweringContext } from './lowering';
import { steps } from './rows';

const LARGE_FILTER = 2 ** 20;

type Windowed = Op<'Conv' | 'ConvBias' | 'ConvFilterGradient'>;

function takes(op: Windowed, context: LoweringContext): boolean {
  const { batch, inner, outer, outSize, kernel } = geometryOf(op.attributes);
  const pixels = batch * sizeOf(outSize);
  const isLarge = sizeOf(kernel) * inner * outer >= LARGE_FILTER && 2 * pixels <= outer;
  return isLarge && isSlidingOverSlices(op) && fillBlocks(context, outer);
}

/** For each output its patch of x: [pixels, taps · I] */
function patches(graph: OnnxGraph, x: Name, geometry: Geometry): Name {
  const { batch, inner, inSize, outSize, kernel, strides, dilations, before } = geometry;
  const zeroRow = batch * sizeOf(inSize);
  /** For output `at` and tap `tap`, the place along an axis; outside there are zeros. */
  const place = (axis: 0 | 1 | 2, at: number, tap: number): number =>
    at * strides[axis] + tap * dilations[axis] - before[axis];
  const isInside = (axis: 0 | 1 | 2, at: number): boolean => at >= 0 && at < inSize[axis];
  const rows: number[] = [];
  for (const b of steps(batch))
    for (const d of steps(outSize[0]))
      for (const h of steps(outSize[1]))
        for (const w of steps(outSize[2]))
          for (const kd of steps(kernel[0]))
            for (const kh of steps(kernel[1]))
              for (const kw of steps(kernel[2])) {
                const [z, y, at] = [place(0, d, kd), place(1, h, kh), place(2, w, kw)];
                const isWithin = isInside(0, z) && isInside(1, y) && isInside(2, at);
                rows.push(isWithin ? ((b * inSize[0] + z) * inSize[1] + y) * inSize[2] + at : zeroRow);
              }
  const pixels = graph.concat([graph.reshape(x, [zeroRow, inner]), graph.zeros([1, inner])], 0);
  const taps = sizeOf(kernel);
  return graph.reshape(graph.gather(pixels, graph.indices(rows), 0), [rows.length / taps, taps * inner]);
}

const convolution: Lowering<'Conv' | 'ConvBias'> = {
  name: 'matrix of patches',
  takes,
  lower(op, context) {
    const { graph } = context;
    const geometry = geometryOf(op.attributes);
    const [x, filter, bias] = op.inputs;
    const rows = patches(graph, plain(context, x!), geometry);
    const product = graph.node('MatMul', [
      rows,
      graph.reshape(plain(context, filter!), [sizeOf(geometry.kernel) * geometry.inner, geometry.outer]),
    ]);
    const sum = bias
      ? graph.node('Add', [product, graph.reshape(plain(context, bias), [sizeOf(bias.shape)])])
      : product;
    const isActivated = op.kernel === 'ConvBias' && (op as Op<'ConvBias'>).attributes.relu;
    return result(context, op, graph.reshape(isActivated ? graph.node('Relu', [sum]) : sum, op.shape));
  },
};
export const matrixConv: Lowering<'Conv'> = convolution;
export const matrixConvBias: Lowering<'ConvBias'> = convolution;

export const matrixFilterGradient: Lowering<'ConvFilterGradient'> = {
  name: 'matrix of patches',
  takes,
  lower(op, context) {
    const { graph } = context;
    const geometry = geometryOf(op.attributes);
    const [x, dy] = op.inputs;
    const rows = patches(graph, plain(context, x!), geometry);
    const outer = graph.reshape(plain(context, dy!), [geometry.batch * sizeOf(geometry.outSize), geometry.outer]);
    return result(context, op, graph.reshape(graph.node('Gemm', [rows, outer], { transA: 1 }), op.shape));
  },
};
