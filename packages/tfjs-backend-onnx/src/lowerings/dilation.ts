/** Greyscale dilation: the largest sum of image and filter under a window, and its gradients, window tap by tap. */
import type { WindowAttributes } from '../graph/kernels';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Op } from '../graph/op';
import { isNotNegative } from './elementwise';
import { plain, result } from './lowering';
import type { Lowering, LoweringContext } from './lowering';

/** What lies beyond the image never wins: tfjs-cpu begins with this. */
const BEYOND = Number.MIN_SAFE_INTEGER;

/** The image and the filter's element meet in each window: x [B, H', W', C] for every tap, in order of taps. */
function sumsByTap(graph: OnnxGraph, x: Name, filter: Name, window: WindowAttributes): Name[] {
  const { padsBefore, padsAfter } = window;
  const padded = graph.node('Pad', [
    x,
    graph.int64([0, ...padsBefore, 0, 0, ...padsAfter, 0]),
    graph.scalar(BEYOND, 'float32'),
  ]);
  return tapsOf(window).map((tap) => {
    const starts = tap.map((k, i) => k * window.dilations[i]!);
    const ends = starts.map((start, i) => start + (window.outShape[i + 1]! - 1) * window.strides[i]! + 1);
    const seen = graph.node('Slice', [
      padded,
      graph.int64(starts),
      graph.int64(ends),
      graph.int64([1, 2]),
      graph.int64(window.strides),
    ]);
    const weight = graph.slice(
      filter,
      tap,
      tap.map((k) => k + 1),
      [0, 1],
    );
    return graph.node('Add', [seen, weight]);
  });
}

function tapsOf({ kernel: [height, width] }: WindowAttributes): [number, number][] {
  return Array.from({ length: height! * width! }, (_, k) => [Math.floor(k / width!), k % width!]);
}

export const dilation: Lowering<'Dilation'> = {
  name: 'portable',
  lower(op, context) {
    const [x, filter] = op.inputs.map((input) => plain(context, input));
    return result(context, op, context.graph.node('Max', sumsByTap(context.graph, x!, filter!, op.attributes)));
  },
};

/** dy where the tap is the first that reaches the largest sum, else 0: for every tap. */
function dyByWinner(op: Op<'DilationInputGradient' | 'DilationFilterGradient'>, context: LoweringContext): Name[] {
  const { graph } = context;
  const [x, filter, dy] = op.inputs.map((input) => plain(context, input));
  const sums = sumsByTap(graph, x!, filter!, op.attributes);
  const largest = graph.node('Max', sums);
  let left = dy!;
  return sums.map((sum) => {
    const won = graph.node('Mul', [left, isNotNegative(graph, graph.node('Sub', [sum, largest]))]);
    left = graph.node('Sub', [left, won]);
    return won;
  });
}

export const dilationInputGradient: Lowering<'DilationInputGradient'> = {
  name: 'portable',
  lower(op, context) {
    const { graph } = context;
    const window = op.attributes;
    const { strides, dilations, padsBefore, padsAfter, inShape, outShape } = window;
    const [batch, , , channels] = outShape;
    const [height, width] = [1, 2].map((i) => inShape[i]! + padsBefore[i - 1]! + padsAfter[i - 1]!);
    const spread = [1, 2].map((i) => outShape[i]! * strides[i - 1]!);
    const rows = (name: Name): Name => {
      const columns = graph.reshape(name, [batch!, outShape[1]!, 1, outShape[2]!, 1, channels!]);
      const zeros = [0, 0, 0, 0, 0, 0, 0, 0, strides[0]! - 1, 0, strides[1]! - 1, 0];
      return graph.reshape(graph.node('Pad', [columns, graph.int64(zeros)]), [batch!, ...spread, channels!]);
    };
    const placed = dyByWinner(op, context).map((won, k) => {
      const [top, left] = tapsOf(window)[k]!.map((tap, i) => tap * dilations[i]!);
      // Negative: what was spread out beyond the image is cut off again.
      const [bottom, right] = [height! - top! - spread[0]!, width! - left! - spread[1]!];
      return graph.node('Pad', [rows(won), graph.int64([0, top!, left!, 0, 0, bottom, right, 0])]);
    });
    const sum = graph.node('Sum', placed);
    const starts = [...padsBefore];
    const dx = graph.slice(
      sum,
      starts,
      starts.map((start, i) => start + inShape[i + 1]!),
      [1, 2],
    );
    return result(context, op, dx);
  },
};

export const dilationFilterGradient: Lowering<'DilationFilterGradient'> = {
  name: 'portable',
  lower(op, context) {
    const { graph } = context;
    const sums = dyByWinner(op, context).map((won) =>
      graph.reshape(graph.node('ReduceSum', [won, graph.int64([0, 1, 2])], { keepdims: 0 }), [1, op.shape[2]!]),
    );
    return result(context, op, graph.reshape(graph.concat(sums, 0), op.shape));
  },
};
