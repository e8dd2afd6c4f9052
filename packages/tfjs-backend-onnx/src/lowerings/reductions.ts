import type { REDUCTIONS } from '../graph/kernels';
import { ELEMENT_TYPE } from '../graph/onnx-graph';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import { sizeOf } from '../graph/op';
import type { Op } from '../graph/op';
import { blockedChannelReduction } from './blocked-channels';
import { blockOf } from './blocked-convolution';
import { BLOCK, fiveOf } from './layouts';
import { portable, result } from './lowering';
import type { Lowering, LoweringContext } from './lowering';

type Reduction = (typeof REDUCTIONS)[number];

function reduce(graph: OnnxGraph, opType: string, x: Name, op: Op<Reduction>): Name {
  const { axes, keepDims } = op.attributes;
  if (axes.length === 0) return x;
  return graph.node(opType, [x, graph.int64(axes)], { keepdims: keepDims ? 1 : 0 });
}

/** More values than these are added in two stages. */
const LONGEST_SUM = 1024;

/**
 * The sum or mean over neighbouring axes, in two stages where many values meet: the CPU provider adds one to the next
 * in float32, and the mean of 4.7 million (LunaModel's input, batch 64) would be off by half a percent.
 */
function reduceInStages(graph: OnnxGraph, opType: 'ReduceSum' | 'ReduceMean', x: Name, op: Op<Reduction>): Name {
  const { shape } = op.inputs[0]!;
  const { axes } = op.attributes;
  const [first, last] = [axes[0] ?? 0, axes.at(-1) ?? 0];
  const count = sizeOf(axes.map((axis) => shape[axis]!));
  const inner = largestDivisor(count, Math.ceil(Math.sqrt(count)));
  if (last - first + 1 !== axes.length || count <= LONGEST_SUM || inner === 1) return reduce(graph, opType, x, op);
  const after = shape.slice(last + 1);
  const rows = [sizeOf(shape.slice(0, first)), count / inner, inner, ...(sizeOf(after) === 1 ? [] : [sizeOf(after)])];
  const partial = graph.node(opType, [graph.reshape(x, rows), graph.int64([2])], { keepdims: 0 });
  return graph.reshape(graph.node(opType, [partial, graph.int64([1])], { keepdims: 0 }), op.shape);
}

const plainReduction = <K extends Reduction>(opType: string): Lowering<K> =>
  portable((graph, [x], op) => reduce(graph, opType, x!, op as unknown as Op<Reduction>));

const toInteger = (graph: OnnxGraph, x: Name): Name => graph.node('Cast', [x], { to: ELEMENT_TYPE.int32 });
const toBoolean = (graph: OnnxGraph, x: Name): Name => graph.node('Cast', [x], { to: ELEMENT_TYPE.bool });

const booleanReduction = <K extends Reduction>(opType: string): Lowering<K> =>
  portable((graph, [x], op) =>
    toBoolean(graph, reduce(graph, opType, toInteger(graph, x!), op as unknown as Op<Reduction>)),
  );

/** The extreme of values of which one is NaN is NaN in TF.js; ONNX Runtime may pass over it. */
const extreme = <K extends Reduction>(opType: 'ReduceMax' | 'ReduceMin'): Lowering<K> =>
  portable((graph, [x], op) => {
    const given = op as unknown as Op<Reduction>;
    const found = reduce(graph, opType, x!, given);
    if (!isFloat(given)) return found;
    const isNan = graph.node('Cast', [graph.node('IsNaN', [x!])], { to: ELEMENT_TYPE.float32 });
    const anyNan = graph.node('Cast', [reduce(graph, 'ReduceMax', isNan, given)], { to: ELEMENT_TYPE.bool });
    return graph.node('Where', [anyNan, graph.scalar(NaN, 'float32'), found]);
  });

const isFloat = (op: Op): boolean => op.inputs[0]!.op.dtype === 'float32';

function sumsAllButChannels(op: Op<'Sum'>): boolean {
  const { shape } = op.inputs[0]!;
  const { axes } = op.attributes;
  return isFloat(op) && shape.length > 1 && axes.length === shape.length - 1 && axes.every((axis, i) => axis === i);
}

/** Sums rows by multiplying with ones: the CPU provider's ReduceSum over a large leading axis runs on one core. */
export function sumRows(graph: OnnxGraph, x: Name, form: readonly [number, number, number]): Name {
  const [groups, rows, columns] = form;
  const ones = graph.floats(new Float32Array(rows).fill(1), [1, rows]);
  return graph.node('MatMul', [ones, graph.reshape(x, [groups, rows, columns])]);
}

/** Values in a row of the matrix as which a whole tensor is summed. */
const LONGEST_ROW = 4096;

/**
 * The sum or mean of a whole tensor of at least a few rows, as a product with ones and then a short sum: the CPU
 * provider takes 4 ms for 16 single-channel patches of 32×48×48 where this takes 0.2 ms.
 */
function wholeReduction<K extends 'Sum' | 'Mean'>(): Lowering<K> {
  return {
    name: 'blocked whole sum',
    takes: (op, context) => {
      const size = sizeOf(op.inputs[0]!.shape);
      return blockOf(context) !== null && isFloat(op) && sizeOf(op.shape) === 1 && size > LONGEST_ROW;
    },
    lower(op, context) {
      const { graph } = context;
      const size = sizeOf(op.inputs[0]!.shape);
      const row = largestDivisor(size, LONGEST_ROW);
      const rows = graph.reshape(context.input(op.inputs[0]!).in('canonical'), [size / row, row]);
      const ones = graph.floats(new Float32Array(row).fill(1), [row, 1]);
      const sum = graph.node('ReduceSum', [graph.node('MatMul', [rows, ones])], { keepdims: 0 });
      const isMean = op.kernel === 'Mean';
      const value = isMean ? graph.node('Div', [sum, graph.scalar(size, 'float32')]) : sum;
      return result(context, op, graph.reshape(value, op.shape));
    },
  };
}

function largestDivisor(n: number, atMost: number): number {
  let divisor = atMost;
  while (n % divisor !== 0) divisor--;
  return divisor;
}

/** The gradient of a bias: per channel, in the layout in which the gradient already lies. */
const blockedChannelSum: Lowering<'Sum'> = {
  name: 'blocked channel sum',
  takes: (op, context) => sumsAllButChannels(op) && op.inputs[0]!.shape.length === 5 && liesInBlocks(op, context),
  lower(op, context) {
    const { graph } = context;
    const x = context.input(op.inputs[0]!);
    const [b, d, h, w, c] = fiveOf(x.shape);
    // [groups: slices or pairs of them, blocks, pixels, 16] → [groups, blocks·16] → columns of one slice's channels
    const forms = {
      framed: { slices: d + 2, pixels: h * (w + 2), block: BLOCK },
      paired: { slices: d, pixels: h * w, block: BLOCK },
      blocked: { slices: d, pixels: h * w, block: graph.block },
    };
    const { slices, pixels, block } = forms[x.origin as keyof typeof forms];
    const groups = (b * slices * c) / block;
    const bySlice = graph.reshape(sumRows(graph, x.in(x.origin), [groups, pixels, block]), [b * slices, c]);
    const sum = graph.node('ReduceSum', [bySlice, graph.int64([0])], { keepdims: 0 });
    return result(context, op, graph.reshape(sum, op.shape));
  },
};

function liesInBlocks(op: Op<'Sum'>, context: LoweringContext): boolean {
  const { origin } = context.input(op.inputs[0]!);
  return origin === 'framed' || origin === 'paired' || origin === 'blocked';
}

export const reductions: { [K in Reduction]: readonly Lowering<K>[] } = {
  Sum: [
    blockedChannelReduction(),
    blockedChannelSum,
    wholeReduction(),
    portable((graph, [x], op) => {
      const isBoolean = op.inputs[0]!.op.dtype === 'bool';
      return reduceInStages(graph, 'ReduceSum', isBoolean ? toInteger(graph, x!) : x!, op);
    }),
  ],
  Mean: [
    blockedChannelReduction(),
    wholeReduction(),
    portable((graph, [x], op) =>
      reduceInStages(
        graph,
        'ReduceMean',
        isFloat(op) ? x! : graph.node('Cast', [x!], { to: ELEMENT_TYPE.float32 }),
        op,
      ),
    ),
  ],
  Max: [extreme('ReduceMax')],
  Min: [extreme('ReduceMin')],
  Prod: [plainReduction('ReduceProd')],
  All: [booleanReduction('ReduceMin')],
  Any: [booleanReduction('ReduceMax')],
};

/** TF.js passes over NaN: in its place stands what is never the extreme. */
const arg = <K extends 'ArgMax' | 'ArgMin'>(opType: K): Lowering<K> =>
  portable((graph, [x], op) => {
    const { axis } = (op as unknown as Op<'ArgMax'>).attributes;
    const never = graph.scalar(opType === 'ArgMax' ? -Infinity : Infinity, 'float32');
    const numbers = isFloat(op) ? graph.node('Where', [graph.node('IsNaN', [x!]), never, x!]) : x!;
    return toInteger(graph, graph.node(opType, [numbers], { axis, keepdims: 0 }));
  });

export const argMax: readonly Lowering<'ArgMax'>[] = [arg('ArgMax')];
export const argMin: readonly Lowering<'ArgMin'>[] = [arg('ArgMin')];

export const cumsum: readonly Lowering<'Cumsum'>[] = [
  portable((graph, [x], op) => {
    const { axis, exclusive, reverse } = op.attributes;
    return graph.node('CumSum', [x!, graph.int64([axis], [])], {
      exclusive: exclusive ? 1 : 0,
      reverse: reverse ? 1 : 0,
    });
  }),
];

export const softmax: readonly Lowering<'Softmax'>[] = [
  portable((graph, inputs, op) => graph.node('Softmax', inputs, { axis: op.attributes.axis })),
];
