import type { Graph } from '../graph/op';
import { mergeCommonSubexpressions } from './common-subexpressions';
import { fuseConvolution } from './fuse-convolution';
import { padIntoWindows } from './pad-into-windows';
import { halvePrecision } from './precision';
import { maskByRelu, maskInPoolGradient } from './relu-masks';
import { sumsOfInputGradients } from './sums-of-input-gradients';

/**
 * In this order: padding goes into windows, masks move to the ReLUs, sums replace input gradients that only they read,
 * equal ops merge, convolutions fuse, pool gradients take their masks in.
 */
const PASSES = [
  padIntoWindows,
  maskByRelu,
  sumsOfInputGradients,
  mergeCommonSubexpressions,
  fuseConvolution,
  maskInPoolGradient,
];

/** Rewrites a recorded graph into one that computes the same with less. The recorded one is not changed. */
export function optimize(graph: Graph): Graph {
  return PASSES.reduce((rewritten, pass) => pass(rewritten), graph);
}

export { halvePrecision };
