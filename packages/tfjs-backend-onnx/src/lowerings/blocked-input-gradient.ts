/** The gradient of a 3×3×3 convolution's input: the same recipes as forward, with the filter turned round. */
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import {
  convolveSlices,
  pairsAround,
  regroup,
  sizesOf,
  slidingTaps,
  stackFilter,
  takesBlocked,
} from './blocked-convolution';
import type { ConvSizes } from './blocked-convolution';
import { turnFilter } from './convolution-portable';
import { BLOCK, PAIRED_CHANNELS, isBlockable, reorderOut } from './layouts';
import type { LaidOut, Layout } from './layouts';
import { plain, result } from './lowering';
import type { Lowering } from './lowering';

/** From dy and the turned filter to dx and its layout. In the sizes, `inner` is x's channels and `outer` dy's. */
type Recipe = (graph: OnnxGraph, dy: LaidOut, turned: Name, sizes: ConvSizes) => { dx: Name; layout: Layout };

const pairsFromBlocks: Recipe = (graph, dy, turned, { b, d, h, w, outer }) => {
  const slices = graph.gather(dy.in('blockedPadded'), slidingTaps(graph, d / 2, 2, 4), 1);
  const stacked = stackFilter(graph, turned, 9 * 8 * outer, 2, 4);
  const split = [2, 4, 9, 8, outer / BLOCK, BLOCK];
  const filters = regroup(graph, stacked, split, [1, 4, 2, 5, 0, 3], [BLOCK, 4 * outer, 3, 3]);
  const dx = convolveSlices(graph, graph.reshape(slices, [(b * d) / 2, 4 * outer, h, w]), filters);
  return { dx, layout: 'paired' };
};

/**
 * The pairs of dy that lie whole beside each other are seen by pairs of dx that begin a slice earlier, which is how
 * x lies where it was convolved (`framed`): nothing has to be paired anew. What stands in the frame is no gradient.
 */
const pairsFromPairs: Recipe = (graph, dy, turned, sizes) => {
  const stacked = stackFilter(graph, turned, 9 * 8 * 8, 2, 4);
  const filters = regroup(graph, stacked, [2, 2, 2, 9, 8, 8], [1, 3, 2, 5, 0, 4], [BLOCK, 2 * BLOCK, 3, 3]);
  const { b, d, h, w } = sizes;
  const images = graph.reshape(pairsAround(graph, dy, sizes), [b * (d / 2 + 1), 2 * BLOCK, h, w]);
  return { dx: convolveSlices(graph, images, filters, 2), layout: 'framedLoose' };
};

/** One channel: sixteen slices of it fill a block, and are seen by nine pairs of slices of dy. */
const singleFromPairs: Recipe = (graph, dy, turned, { b, d, h, w }) => {
  const pairs = graph.reshape(dy.in('framed'), [b, d / 2 + 1, BLOCK * h * (w + 2)]);
  const images = graph.gather(pairs, slidingTaps(graph, d / BLOCK, BLOCK / 2, 9), 1);
  const stacked = stackFilter(graph, turned, 9 * 8, BLOCK, 18);
  const filters = regroup(graph, stacked, [BLOCK, 9, 2, 9, 8], [1, 3, 2, 4, 0], [BLOCK, 9 * BLOCK, 3, 3]);
  const groups = (b * d) / BLOCK;
  const dx = convolveSlices(graph, graph.reshape(images, [groups, 9 * BLOCK, h, w + 2]), filters, 0);
  return { dx: reorderOut(graph, dx, [groups, BLOCK, h, w]), layout: 'slices' };
};

const RECIPES: { name: string; takes: (sizes: ConvSizes, block: number) => boolean; recipe: Recipe }[] = [
  {
    name: 'blocked 8←16n',
    takes: ({ d, inner, outer }, block) =>
      block === BLOCK && inner === PAIRED_CHANNELS && isBlockable(outer) && d % 2 === 0,
    recipe: pairsFromBlocks,
  },
  {
    name: 'blocked 8←8',
    takes: ({ d, inner, outer }, block) =>
      block === BLOCK && inner === PAIRED_CHANNELS && outer === PAIRED_CHANNELS && d % 2 === 0,
    recipe: pairsFromPairs,
  },
  {
    name: 'blocked 1←8',
    takes: ({ d, inner, outer }, block) =>
      block === BLOCK && inner === 1 && outer === PAIRED_CHANNELS && d % BLOCK === 0,
    recipe: singleFromPairs,
  },
];

export const blockedInputGradient: Lowering<'ConvInputGradient'>[] = RECIPES.map(({ name, takes, recipe }) => ({
  name,
  takes: (op, context) => takesBlocked(op.attributes, context, takes),
  lower(op, context) {
    const [dy, filter] = op.inputs;
    const turned = turnFilter(context.graph, plain(context, filter!), op.attributes);
    const { dx, layout } = recipe(context.graph, context.input(dy!), turned, sizesOf(op.attributes));
    return result(context, op, dx, layout);
  },
}));
