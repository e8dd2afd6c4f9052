import type { Graph } from '../graph/op';
import type { Target } from '../graph/target';
import { mergeCommonSubexpressions } from './common-subexpressions';
import { fuseConvolution } from './fuse-convolution';
import { multiplyByOnes } from './multiply-by-ones';
import { padIntoWindows } from './pad-into-windows';
import { gatherPerChannel } from './per-channel';
import { halvePrecision } from './precision';
import { maskByRelu, maskInPoolGradient } from './relu-masks';
import { scaleIntoFilter } from './scale-into-filter';
import { sumsOfInputGradients } from './sums-of-input-gradients';

type Pass = (graph: Graph) => Graph;

/**
 * In this order: products with ones become repetitions, padding goes into windows, masks move to the ReLUs, sums
 * replace input gradients that only they read, equal ops merge, convolutions fuse, what is done per channel is
 * gathered, scales go into filters, pool gradients take their masks in.
 */
function passesFor({ provider, blockSize }: Target): Pass[] {
  const usual = [
    multiplyByOnes,
    padIntoWindows,
    maskByRelu,
    sumsOfInputGradients,
    mergeCommonSubexpressions,
    fuseConvolution,
  ];
  // What it makes pays where a pass over memory in blocks is cheap.
  const perChannel: Pass[] =
    provider === 'cpu' && blockSize !== null
      ? [(graph) => gatherPerChannel(graph, blockSize), mergeCommonSubexpressions, scaleIntoFilter]
      : [];
  return [...usual, ...perChannel, maskInPoolGradient];
}

/** Rewrites a recorded graph into one that computes the same with less. The recorded one is not changed. */
export function optimize(graph: Graph, target: Target): Graph {
  return passesFor(target).reduce((rewritten, pass) => pass(rewritten), graph);
}

export { halvePrecision };
