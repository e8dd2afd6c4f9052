/**
 * What a convolution's filter gradient is for an input of ones: for each tap, dy summed over the places at which that
 * tap looks into the image. Which places those are is decided axis by axis, so a matrix of ones and zeros an axis does it.
 */
import type { WindowAttributes } from '../graph/kernels';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import { BLOCK, PAIRED_CHANNELS, fiveOf } from './layouts';
import { portable, result } from './lowering';
import type { Lowering } from './lowering';
import { sumRows } from './reductions';

/** [taps, places] of one axis: 1 where the tap looks into the image. */
function sees(window: WindowAttributes, axis: number): number[][] {
  const [size, places] = [window.inShape[axis + 1]!, window.outShape[axis + 1]!];
  return Array.from({ length: window.kernel[axis]! }, (_, tap) =>
    Array.from({ length: places }, (__, place) => {
      const at = place * window.strides[axis]! + tap * window.dilations[axis]! - window.padsBefore[axis]!;
      return at >= 0 && at < size ? 1 : 0;
    }),
  );
}

function matrix(graph: OnnxGraph, rows: number[][]): Name {
  return graph.floats(rows.flat(), [rows.length, rows[0]!.length]);
}

/** [n, rest] → [rest], as a product with ones. */
function sumOverFirst(graph: OnnxGraph, x: Name, n: number, rest: number): Name {
  return graph.node('MatMul', [graph.floats(new Float32Array(n).fill(1), [1, n]), graph.reshape(x, [n, rest])]);
}

/** Any window of any rank. */
const portableTapSums: Lowering<'ConvTapSums'> = portable((graph, [dy], op) => {
  const { outShape, kernel } = op.attributes;
  let rest = outShape.slice(1).reduce((product, size) => product * size, 1);
  let sums = sumOverFirst(graph, dy!, outShape[0]!, rest);
  let taps = 1;
  kernel.forEach((length, axis) => {
    const places = outShape[axis + 1]!;
    rest /= places;
    sums = graph.node('MatMul', [matrix(graph, sees(op.attributes, axis)), graph.reshape(sums, [taps, places, rest])]);
    taps *= length;
  });
  return graph.reshape(sums, op.shape);
});

/**
 * dy of eight channels that lies in pairs of slices, framed or not: the sum of each slice, which the gradient of a bias
 * needs anyway, less what is seen by no tap, and that lies at its border.
 */
const pairedTapSums: Lowering<'ConvTapSums'> = {
  name: 'blocked pairs',
  takes: (op, context) => ['paired', 'framed'].includes(context.input(op.inputs[0]!).origin),
  lower(op, context) {
    const { graph } = context;
    const dy = context.input(op.inputs[0]!);
    const frame = dy.origin === 'framed' ? 1 : 0;
    const [b, ...size] = fiveOf(dy.shape);
    const [d, h, w] = [size[0] + 2 * frame, size[1], size[2] + 2 * frame];
    const [inDepth, inRows, inColumns] = [0, 1, 2].map((axis) => sees(op.attributes, axis));
    // The pads are zeros, so it does not matter whether they are seen.
    const columnsOf = (row: number[]): number[] => (frame ? [1, ...row, 1] : row);
    const unseen = inRows!.flatMap((rows) =>
      inColumns!.map((columns) => rows.flatMap((row) => columnsOf(columns).map((column) => 1 - row * column))),
    );
    // Pixel 0 where every tap sees all, so that there is something to multiply.
    const border = unseen[0]!
      .map((_, pixel) => pixel)
      .filter((pixel) => pixel === 0 || unseen.some((tap) => tap[pixel] === 1));
    const ofSlice = unseen.length;
    const pairs = graph.reshape(dy.in(dy.origin), [(b * d) / 2, h * w, BLOCK]);
    const atBorder = graph.gather(pairs, graph.indices(border), 1);
    const beyond = matrix(
      graph,
      unseen.map((tap) => border.map((pixel) => tap[pixel]!)),
    );
    const whole = sumRows(graph, pairs, [(b * d) / 2, h * w, BLOCK]);
    const byPair = graph.node('Sub', [whole, graph.node('MatMul', [beyond, atBorder])]);
    const byDepth = graph.transpose(graph.reshape(byPair, [(b * d) / 2, ofSlice, 2, PAIRED_CHANNELS]), [0, 2, 1, 3]);
    const row = ofSlice * PAIRED_CHANNELS;
    const overBatch = graph.reshape(sumOverFirst(graph, byDepth, b, d * row), [d, row]);
    const sums = graph.node('MatMul', [
      matrix(
        graph,
        inDepth!.map((row) => (frame ? [0, ...row, 0] : row)),
      ),
      overBatch,
    ]);
    return result(context, op, graph.reshape(sums, op.shape));
  },
};

export const tapSums = [pairedTapSums, portableTapSums] as const;
