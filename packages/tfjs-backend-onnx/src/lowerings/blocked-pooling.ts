/** Max pooling by 2×2×2 tiles in the blocked layouts, and its gradient together with that of the ReLU before it. */
import type { WindowAttributes } from '../graph/kernels';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Op, Shape } from '../graph/op';
import { blockOf, isBlockedCpu } from './blocked-convolution';
import { isNotNegative, isPositive } from './elementwise';
import { BLOCK, PAIRED_CHANNELS, fiveOf, isBlockable, liesInPairs, reorderIn, reorderOut } from './layouts';
import { result } from './lowering';
import type { Lowering, LoweringContext } from './lowering';
import { tilesInput } from './pooling-portable';

/** Position k in a tile counts as x · (1 - k · 2⁻²²): the first of equal maxima wins, by two steps of float32. */
const TIE_BREAK = 2 ** -22;

function isPoolBy2(op: Op<'MaxPool' | 'ReluMaxPoolGradient'>): boolean {
  const window: WindowAttributes = op.attributes;
  const isBy2 = window.kernel.length === 3 && window.kernel.every((size) => size === 2);
  return isBy2 && tilesInput(window);
}

const isPaired = (op: Op, input: number, context: LoweringContext): boolean =>
  isBlockedCpu(context) &&
  op.inputs[input]!.shape[4] === PAIRED_CHANNELS &&
  liesInPairs(context.input(op.inputs[input]!));

function isBlocked(op: Op, input: number, context: LoweringContext): boolean {
  const block = blockOf(context);
  return block !== null && isBlockable(op.inputs[input]!.shape[4]!, block);
}

/** The larger of two neighbouring slices: [N, 2, size] → [N, 1, size]. */
function largerOfTwo(graph: OnnxGraph, pairs: Name): Name {
  return graph.node('Max', [graph.slice(pairs, [0], [1], [1]), graph.slice(pairs, [1], [2], [1])]);
}

function poolSlices(graph: OnnxGraph, x: Name, dims: Shape): Name {
  return graph.blocked('MaxPool', [graph.reshape(x, dims)], { kernel_shape: [2, 2], strides: [2, 2] });
}

/** Paired [B, D, H, W, 8] → slices of the pooled. */
function poolPairs(graph: OnnxGraph, x: Name, shape: Shape): Name {
  const [b, d, h, w] = fiveOf(shape);
  const pairs = (b * d) / 2;
  const pooled = poolSlices(graph, x, [pairs, BLOCK, h, w]);
  const apart = reorderOut(graph, pooled, [pairs, BLOCK, h / 2, w / 2]);
  return largerOfTwo(graph, graph.reshape(apart, [pairs, 2, (PAIRED_CHANNELS * h * w) / 4]));
}

/** Blocked → blocked. */
function poolBlocks(graph: OnnxGraph, x: Name, shape: Shape): Name {
  const [b, d, h, w, c] = fiveOf(shape);
  const pooled = poolSlices(graph, x, [b * d, c, h, w]);
  return largerOfTwo(graph, graph.reshape(pooled, [(b * d) / 2, 2, (c * h * w) / 4]));
}

export const blockedMaxPool: Lowering<'MaxPool'>[] = [
  {
    name: 'blocked pairs',
    takes: (op, context) => isPoolBy2(op) && isPaired(op, 0, context),
    lower(op, context) {
      const x = context.input(op.inputs[0]!);
      return result(context, op, poolPairs(context.graph, x.in('paired'), x.shape), 'slices');
    },
  },
  {
    name: 'blocked',
    takes: (op, context) => isPoolBy2(op) && isBlocked(op, 0, context),
    lower(op, context) {
      const x = context.input(op.inputs[0]!);
      return result(context, op, poolBlocks(context.graph, x.in('blocked'), x.shape), 'blocked');
    },
  },
];

/** One factor for each place of `planes` planes of H·W·block: 1 - k · 2⁻²² for position k of its tile. */
function tieBreakers(
  planes: number,
  h: number,
  w: number,
  block: number,
  positionOfPlane: (plane: number, lane: number) => number,
) {
  const factors = new Float32Array(planes * h * w * block);
  let at = 0;
  for (let plane = 0; plane < planes; plane++)
    for (let row = 0; row < h; row++)
      for (let column = 0; column < w; column++)
        for (let lane = 0; lane < block; lane++) {
          const position = positionOfPlane(plane, lane) * 4 + (row & 1) * 2 + (column & 1);
          factors[at++] = 1 - TIE_BREAK * position;
        }
  return factors;
}

/** dy, dropped where the maximum is zero: there the ReLU lets nothing through. */
function openGradient(graph: OnnxGraph, dy: Name, pooled: Name): Name {
  return graph.node('Mul', [dy, isPositive(graph, pooled)]);
}

function gradientOfPairs(op: Op, context: LoweringContext): Name {
  const { graph } = context;
  const [dy, x, pooled] = op.inputs.map((input) => context.input(input));
  const [b, d, h, w] = fiveOf(x!.shape);
  const pairs = (b * d) / 2;
  const size = h * w * BLOCK;
  const half = (PAIRED_CHANNELS * h * w) / 4;
  const small = [(pairs * h) / 2, 1, w / 2, 1, BLOCK];
  const large = [(pairs * h) / 2, 2, w / 2, 2, BLOCK];

  const factors = graph.floats(tieBreakers(1, h, w, BLOCK, (_, lane) => Math.floor(lane / PAIRED_CHANNELS)));
  const distinct = graph.node('Mul', [graph.reshape(x!.in('paired'), [pairs, size]), factors]);
  /** A slice of the pooled, for both slices of the pair it came from. */
  const forBoth = (slices: Name): Name => {
    const one = graph.reshape(slices, [pairs, 1, half]);
    return graph.reshape(reorderIn(graph, graph.concat([one, one], 1), [pairs, BLOCK, h / 2, w / 2]), small);
  };
  const largest = forBoth(poolPairs(graph, distinct, x!.shape));
  const open = openGradient(
    graph,
    graph.reshape(dy!.in('slices'), [pairs, half]),
    graph.reshape(pooled!.in('slices'), [pairs, half]),
  );
  const isLargest = isNotNegative(graph, graph.node('Sub', [graph.reshape(distinct, large), largest]));
  return graph.node('Mul', [isLargest, forBoth(open)]);
}

function gradientOfBlocks(op: Op, context: LoweringContext): Name {
  const { graph } = context;
  const [dy, x, pooled] = op.inputs.map((input) => context.input(input));
  const [b, d, h, w, c] = fiveOf(x!.shape);
  const { block } = graph;
  const blocks = c / block;
  const pairs = (b * d) / 2;
  const small = [pairs, 1, (blocks * h) / 2, 1, w / 2, 1, block];
  const large = [pairs, 2, (blocks * h) / 2, 2, w / 2, 2, block];

  const factors = graph.floats(tieBreakers(2 * blocks, h, w, block, (plane) => Math.floor(plane / blocks)));
  const distinct = graph.node('Mul', [graph.reshape(x!.in('blocked'), [pairs, 2 * blocks * h * w * block]), factors]);
  const largest = graph.reshape(poolBlocks(graph, distinct, x!.shape), small);
  const open = openGradient(
    graph,
    graph.reshape(dy!.in('blocked'), small),
    graph.reshape(pooled!.in('blocked'), small),
  );
  const isLargest = isNotNegative(graph, graph.node('Sub', [graph.reshape(distinct, large), largest]));
  return graph.node('Mul', [isLargest, open]);
}

export const blockedReluMaxPoolGradient: Lowering<'ReluMaxPoolGradient'>[] = [
  {
    name: 'blocked pairs',
    takes: (op, context) => isPoolBy2(op) && isPaired(op, 1, context),
    lower: (op, context) => result(context, op, gradientOfPairs(op, context), 'paired'),
  },
  {
    name: 'blocked',
    takes: (op, context) => isPoolBy2(op) && isBlocked(op, 1, context),
    lower: (op, context) => result(context, op, gradientOfBlocks(op, context), 'blocked'),
  },
];
