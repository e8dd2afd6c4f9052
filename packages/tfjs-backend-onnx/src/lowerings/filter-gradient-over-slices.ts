/**
 * The gradient of a 3×3×3 filter as one grouped blocked convolution: a whole slice of dy, as it lies,
 * is the kernel, and a slice of x the image, whose few places are the taps within a slice. ONNX Runtime reads an image
 * of one channel a group number by number, so steps to the next pixel may be a dilation and nothing has to be moved.
 * The convolution takes as long as one over pieces laid out for whole blocks, but laying those out took 20 ms more for
 * 8→8 and 8 ms for 1→8 (16 patches of 32×48×48, 2 cores).
 */
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import { framePlanes, pairsAround } from './blocked-convolution';
import type { ConvSizes } from './blocked-convolution';
import { BLOCK, PAIRED_CHANNELS } from './layouts';
import type { LaidOut } from './layouts';

const TAPS = 9 * PAIRED_CHANNELS;

/** Groups are channels to ONNX Runtime, and it wants whole blocks of them. */
const wholeBlocks = (groups: number, block: number): number => Math.ceil(groups / block) * block;

/** Groups of zeros behind the others, which add nothing to the sum. [groups, size] → [whole blocks of groups, size] */
function fillGroups(graph: OnnxGraph, x: Name, groups: number, size: number): Name {
  const missing = wholeBlocks(groups, graph.block) - groups;
  const rows = graph.reshape(x, [groups, size]);
  return missing === 0 ? rows : graph.concat([rows, graph.zeros([missing, size])], 0);
}

/** [.., groups, size] → [.., size] */
function sumOverGroups(graph: OnnxGraph, correlation: Name, images: number, groups: number, size: number): Name {
  const ones = graph.floats(new Float32Array(groups).fill(1), [1, groups]);
  return graph.node('MatMul', [ones, graph.reshape(correlation, [images, groups, size])]);
}

/**
 * Adds up what belongs to each tap along depth.
 * @param depthTaps for each row of `products`, its tap along depth; rows that are no tap have another number
 */
function foldDepth(graph: OnnxGraph, products: Name, depthTaps: readonly number[], row: number): Name {
  const belongs = [0, 1, 2].flatMap((tap) => depthTaps.map((of) => (of === tap ? 1 : 0)));
  const matrix = graph.floats(belongs, [3, depthTaps.length]);
  return graph.node('MatMul', [matrix, graph.reshape(products, [depthTaps.length, row])]);
}

const halves = [0, 1] as const;

/** 8 → 8: x framed is seen by the two pairs of dy around each of its pairs. Any even depth. */
export function eightOverSlices(graph: OnnxGraph, x: LaidOut, dy: LaidOut, sizes: ConvSizes): Name {
  const { b, d, h, w } = sizes;
  const pairs = b * (d / 2 + 1);
  const groups = wholeBlocks(pairs, BLOCK);
  const row = (w + 2) * BLOCK;
  const images = graph.reshape(fillGroups(graph, x.in('framed'), pairs, h * row), [1, groups, h, row]);
  const around = fillGroups(graph, pairsAround(graph, dy, sizes), pairs, 2 * h * w * BLOCK);
  const correlation = graph.blocked('Conv', [images, graph.reshape(around, [groups * 2 * BLOCK, 1, h, w])], {
    kernel_shape: [h, w],
    dilations: [1, BLOCK],
    pads: [1, 0, 1, 0],
    group: groups,
  });
  const sum = sumOverGroups(graph, correlation, 1, groups, 2 * 9 * BLOCK * BLOCK);
  // pair of dy, kh, kw, slice of x, i, slice of dy, o → slices first
  const products = graph.transpose(graph.reshape(sum, [2, 3, 3, 2, 8, 2, 8]), [0, 3, 5, 1, 2, 4, 6]);
  const depthTaps = halves.flatMap((pair) => halves.flatMap((ofX) => halves.map((ofDy) => 2 + ofX - 2 * pair - ofDy)));
  return graph.reshape(foldDepth(graph, products, depthTaps, TAPS * 8), [3, 3, 3, 8, 8]);
}

/** 8 → 16·n: x framed is seen by four slices of dy around each of its pairs. Any even depth. */
export function eightToBlocksOverSlices(graph: OnnxGraph, x: LaidOut, dy: LaidOut, sizes: ConvSizes): Name {
  const { b, d, h, w, outer } = sizes;
  const blocks = outer / BLOCK;
  const pairs = b * (d / 2 + 1);
  const groups = wholeBlocks(pairs, BLOCK);
  const row = (w + 2) * BLOCK;
  const images = graph.reshape(fillGroups(graph, x.in('framed'), pairs, h * row), [1, groups, h, row]);
  // Of the padded slices; those further out are zeros like the outermost.
  const seen = Array.from({ length: d / 2 + 1 }, (_, q) =>
    [0, 1, 2, 3].map((tap) => Math.min(Math.max(2 * q - 1 + tap, 0), d + 1)),
  );
  const slices = graph.gather(dy.in('blockedPadded'), graph.indices(seen.flat(), [d / 2 + 1, 4]), 1);
  const around = fillGroups(graph, slices, pairs, 4 * outer * h * w);
  const correlation = graph.blocked('Conv', [images, graph.reshape(around, [groups * 4 * outer, 1, h, w])], {
    kernel_shape: [h, w],
    dilations: [1, BLOCK],
    pads: [1, 0, 1, 0],
    group: groups,
  });
  const sum = sumOverGroups(graph, correlation, 1, groups, 4 * blocks * 9 * BLOCK * BLOCK);
  // slice of dy, block of o, kh, kw, slice of x, i, o → slices first
  const products = graph.transpose(graph.reshape(sum, [4, blocks, 3, 3, 2, 8, BLOCK]), [0, 4, 2, 3, 5, 1, 6]);
  const depthTaps = [0, 1, 2, 3].flatMap((ofDy) => halves.map((ofX) => 2 + ofX - ofDy));
  return graph.reshape(foldDepth(graph, products, depthTaps, 9 * 8 * outer), [3, 3, 3, 8, outer]);
}

/** 1 → 8: the four slices of x that a framed pair of dy sees, one image each. Any even depth. */
export function singleOverSlices(graph: OnnxGraph, x: LaidOut, dy: LaidOut, sizes: ConvSizes): Name {
  const { b, d, h, w } = sizes;
  const pairs = b * (d / 2 + 1);
  const groups = wholeBlocks(pairs, BLOCK);
  const taps = [0, 1, 2, 3];
  const slices = taps.flatMap((tap) =>
    Array.from({ length: groups }, (_, group) => {
      const pair = group < pairs ? group : 0; // what is filled up meets zeros of dy
      return Math.floor(pair / (d / 2 + 1)) * (d + 6) + 2 * (pair % (d / 2 + 1)) + tap;
    }),
  );
  const planes = graph.reshape(framePlanes(graph, x, sizes), [b * (d + 6), h * (w + 4)]);
  const images = graph.gather(planes, graph.indices(slices, [4, groups]), 0);
  const kernels = fillGroups(graph, dy.in('framed'), pairs, h * (w + 2) * BLOCK);
  const correlation = graph.blocked(
    'Conv',
    [graph.reshape(images, [4, groups, h, w + 4]), graph.reshape(kernels, [groups * BLOCK, 1, h, w + 2])],
    { kernel_shape: [h, w + 2], pads: [1, 0, 1, 0], group: groups },
  );
  const sum = sumOverGroups(graph, correlation, 4, groups, 9 * BLOCK);
  const products = graph.transpose(graph.reshape(sum, [4, 9, 2, 8]), [0, 2, 1, 3]);
  const depthTaps = taps.flatMap((tap) => halves.map((ofDy) => tap - ofDy));
  return graph.reshape(foldDepth(graph, products, depthTaps, TAPS), [3, 3, 3, 1, 8]);
}
