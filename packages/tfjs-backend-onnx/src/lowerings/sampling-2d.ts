/** Images read at computed places: crops and projective maps. Places are computed in float64, as tfjs-cpu does. */
import type { FillMode, Interpolation } from '../graph/kernels';
import { ELEMENT_TYPE } from '../graph/onnx-graph';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Shape } from '../graph/op';
import { plain, result } from './lowering';
import type { Lowering } from './lowering';

/** Arithmetic on small float64 tensors: nodes by the signs they have on paper. */
function arithmetic(graph: OnnxGraph) {
  const constant = (values: readonly number[], dims: Shape): Name =>
    graph.constant('float64', dims, new Uint8Array(Float64Array.from(values).buffer));
  const named = (value: Name | number): Name => (typeof value === 'number' ? constant([value], []) : value);
  const binary = (opType: string) => (a: Name | number, b: Name | number) => graph.node(opType, [named(a), named(b)]);
  return {
    constant,
    add: binary('Add'),
    subtract: binary('Sub'),
    multiply: binary('Mul'),
    divide: binary('Div'),
    least: binary('Min'),
    most: binary('Max'),
    isLess: binary('Less'),
    isAtLeast: binary('GreaterOrEqual'),
    isAtMost: binary('LessOrEqual'),
    isEqual: binary('Equal'),
    floor: (x: Name) => graph.node('Floor', [x]),
    cast: (x: Name, to: keyof typeof ELEMENT_TYPE) => graph.node('Cast', [x], { to: ELEMENT_TYPE[to] }),
    choose: (condition: Name, then: Name | number, otherwise: Name | number) =>
      graph.node('Where', [condition, named(then), named(otherwise)]),
    /** Halves go up, as Math.round has it. */
    round: (x: Name) => graph.node('Floor', [graph.node('Add', [x, constant([0.5], [])])]),
  };
}

const countUp = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** One dimension of every box: which pixels are read, how far between them, and whether that is inside the image. */
interface Reading {
  low: Name;
  high: Name;
  /** float32 */
  fraction: Name;
  inside: Name;
}

export const cropAndResize: Lowering<'CropAndResize'> = {
  name: 'portable',
  lower(op, context) {
    const { graph } = context;
    const m = arithmetic(graph);
    const { method, extrapolationValue } = op.attributes;
    const [images, boxes, owners] = op.inputs.map((input) => plain(context, input));
    const [batch, height, width, channels] = op.inputs[0]!.shape;
    const [count, cropHeight, cropWidth] = op.shape;
    const edges = m.cast(boxes!, 'float64');
    const edge = (i: number): Name => graph.slice(edges, [i], [i + 1], [1]);

    function read(from: Name, to: Name, size: number, crop: number): Reading {
      const last = size - 1;
      const start = m.multiply(from, last);
      const step = m.divide(m.multiply(m.subtract(to, from), last), crop - 1);
      const at =
        crop > 1
          ? m.add(start, m.multiply(m.constant(countUp(crop), [1, crop]), step))
          : m.multiply(m.multiply(0.5, m.add(from, to)), last);
      const inside = graph.node('And', [m.isAtLeast(at, 0), m.isAtMost(at, last)]);
      const held = m.least(m.most(at, 0), last);
      const low = method === 'nearest' ? m.round(held) : m.floor(held);
      return {
        low: m.cast(low, 'int32'),
        high: m.cast(graph.node('Ceil', [held]), 'int32'),
        fraction: m.cast(m.subtract(held, low), 'float32'),
        inside,
      };
    }

    const rows = read(edge(0), edge(2), height!, cropHeight!);
    const columns = read(edge(1), edge(3), width!, cropWidth!);
    const pixels = graph.reshape(images!, [batch! * height! * width!, channels!]);
    const int = (value: number): Name => graph.scalar(value, 'int32');
    // Asked of the tensor, so that an exported graph is free in it.
    const batchSize = m.cast(graph.node('Shape', [images!], { start: 0, end: 1 }), 'int32');
    const owner = graph.reshape(graph.node('Min', [owners!, graph.node('Sub', [batchSize, int(1)])]), [count!, 1]);
    const pick = (row: Name, column: Name): Name => {
      const line = graph.node('Add', [graph.node('Mul', [owner, int(height!)]), row]);
      const starts = graph.reshape(graph.node('Mul', [line, int(width!)]), [count!, cropHeight!, 1]);
      const places = graph.node('Add', [starts, graph.reshape(column, [count!, 1, cropWidth!])]);
      return graph.gather(pixels, places, 0);
    };
    const blend = (a: Name, b: Name, t: Name): Name =>
      graph.node('Add', [a, graph.node('Mul', [graph.node('Sub', [b, a]), t])]);
    const byColumn = graph.reshape(columns.fraction, [count!, 1, cropWidth!, 1]);
    const across = (row: Name): Name => blend(pick(row, columns.low), pick(row, columns.high), byColumn);
    const byRow = graph.reshape(rows.fraction, [count!, cropHeight!, 1, 1]);
    const read2d =
      method === 'nearest' ? pick(rows.low, columns.low) : blend(across(rows.low), across(rows.high), byRow);

    const isInside = graph.node('And', [
      graph.reshape(rows.inside, [count!, cropHeight!, 1, 1]),
      graph.reshape(columns.inside, [count!, 1, cropWidth!, 1]),
    ]);
    const filled = graph.node('Where', [isInside, read2d, graph.scalar(extrapolationValue, 'float32')]);
    // A box of an image that is not there stays empty.
    const exists = graph.reshape(graph.node('Less', [owners!, batchSize]), [count!, 1, 1, 1]);
    return result(context, op, graph.node('Where', [exists, filled, graph.scalar(0, 'float32')]));
  },
};

type Arithmetic = ReturnType<typeof arithmetic>;

/** Brings places beyond an image of `size` pixels back into it. Formulas: those of TensorFlow's image_ops.h. */
function broughtBack(m: Arithmetic, at: Name, size: number, mode: FillMode): Name {
  const last = size - 1;
  const within = (x: Name): Name => m.least(m.most(x, 0), last);
  switch (mode) {
    case 'constant':
      // Two beyond the edge is as far out as infinity.
      return m.least(m.most(at, -2), size + 1);
    case 'nearest':
      return within(at);
    case 'reflect': {
      const turn = 2 * size;
      const once = m.subtract(at, m.multiply(turn, m.floor(m.divide(at, turn))));
      return within(m.least(once, m.subtract(turn - 1, once)));
    }
    case 'wrap': {
      if (last === 0) return within(at);
      const turns = m.floor(m.divide(at, last));
      const fromBelow = m.multiply(size, m.add(m.floor(m.divide(m.multiply(at, -1), last)), 1));
      const below = m.add(at, fromBelow);
      const above = m.subtract(at, m.multiply(size, turns));
      return within(m.choose(m.isLess(at, 0), below, m.choose(m.isAtMost(at, last), at, above)));
    }
  }
}

/** Places in a grid as GridSample wants them: -1 and 1 are the outer edges of the first and last pixel. */
const gridOf = (m: Arithmetic, at: Name, size: number): Name =>
  m.cast(m.subtract(m.divide(m.add(m.multiply(at, 2), 1), size), 1), 'float32');

export const transform: Lowering<'Transform'> = {
  name: 'portable',
  lower(op, context) {
    const { graph } = context;
    const m = arithmetic(graph);
    const { interpolation, fillMode, fillValue } = op.attributes;
    const [images, maps] = op.inputs;
    const [batch, height, width, channels] = images!.shape;
    const [, outHeight, outWidth] = op.shape;
    const mapCount = maps!.shape[0]!;
    const numbers = m.cast(plain(context, maps!), 'float64');
    const map = (i: number): Name => graph.reshape(graph.slice(numbers, [i], [i + 1], [1]), [mapCount, 1, 1]);
    const x = m.constant(countUp(outWidth!), [1, 1, outWidth!]);
    const y = m.constant(countUp(outHeight!), [1, outHeight!, 1]);
    const weighted = (a: number, b: number): Name => m.add(m.multiply(map(a), x), m.multiply(map(b), y));
    const depth = m.add(weighted(6, 7), 1);
    const place = (first: number, size: number): Name => {
      const at = m.divide(m.add(weighted(first, first + 1), map(first + 2)), depth);
      const back = broughtBack(m, at, size, fillMode);
      const exact = interpolation === 'nearest' ? m.round(back) : back;
      // A place at infinity is outside whatever the mode.
      return graph.reshape(gridOf(m, m.choose(m.isEqual(depth, 0), -2, exact), size), [
        mapCount,
        outHeight!,
        outWidth!,
        1,
      ]);
    };
    const grid = graph.concat([place(0, width!), place(3, height!)], 3);
    // One map for all images: they are channels of one image.
    const stacked = graph.reshape(context.input(images!).in('channelsFirst'), [
      mapCount,
      (batch! * channels!) / mapCount,
      height!,
      width!,
    ]);
    const read = gridSample(graph, stacked, grid, interpolation, fillValue);
    return result(context, op, graph.reshape(read, [batch!, channels!, outHeight!, outWidth!]), 'channelsFirst');
  },
};

export const sampleByGrid: Lowering<'GridSample'> = {
  name: 'portable',
  lower(op, context) {
    const { interpolation, alignCorners } = op.attributes;
    const [images, grid] = op.inputs;
    const x = context.input(images!).in('channelsFirst');
    const read = gridSample(context.graph, x, plain(context, grid!), interpolation, 0, alignCorners);
    return result(context, op, read, 'channelsFirst');
  },
};

/** Reads images [B, C, …] at grid [B, …, n], the last coordinate first; `beyond` is outside. */
export function gridSample(
  graph: OnnxGraph,
  images: Name,
  grid: Name,
  interpolation: Interpolation,
  beyond: number,
  alignCorners = false,
): Name {
  // GridSample has zeros beyond the image.
  const outside = graph.scalar(beyond, 'float32');
  const shifted = (opType: string, x: Name): Name => (beyond === 0 ? x : graph.node(opType, [x, outside]));
  graph.requireOpset(GRID_SAMPLE_OPSET);
  const read = graph.node('GridSample', [shifted('Sub', images), grid], {
    mode: interpolation === 'nearest' ? 'nearest' : 'linear',
    padding_mode: 'zeros',
    align_corners: alignCorners ? 1 : 0,
  });
  return shifted('Add', read);
}

/** From here on GridSample takes volumes, and calls its mode linear. */
const GRID_SAMPLE_OPSET = 20;
