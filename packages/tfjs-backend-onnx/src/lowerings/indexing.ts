/** Kernels that read or write at places given by another tensor. */
import { ELEMENT_TYPE } from '../graph/onnx-graph';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Dtype, Shape } from '../graph/op';
import { sizeOf } from '../graph/op';
import { portable } from './lowering';
import type { Lowering } from './lowering';

/**
 * Any rows and places. ScatterElements, which adds one element after the other: ONNX Runtime's ScatterND adds on many
 * threads, where sums of one place race. What goes to no place goes to a row more, which is cut off.
 */
export const segmentSum: readonly Lowering<'SegmentSum'>[] = [
  portable((graph, [updates, places], op) => {
    const { rows } = op.attributes;
    const inner = sizeOf(op.shape.slice(1));
    const count = op.inputs[1]!.shape[0]!;
    const table = graph.node('Expand', [graph.scalar(0, op.dtype), graph.int64([rows + 1, inner])]);
    const indices = spread(graph, inside(graph, places!, rows), [count, inner]);
    const values = graph.reshape(updates!, [count, inner]);
    const sums = graph.node('ScatterElements', [table, indices, values], { axis: 0, reduction: 'add' });
    return graph.reshape(graph.slice(sums, [0], [rows], [0]), op.shape);
  }),
];

/** As a product of matrices, one row of ones and zeros a segment: for providers that add in any order, or not at all. */
export const segmentSumByProduct: Lowering<'SegmentSum'> = {
  ...portable((graph, [updates, places], op) => {
    const { rows } = op.attributes;
    const count = op.inputs[1]!.shape[0]!;
    const segments = graph.indices(
      Array.from({ length: rows }, (_, i) => i),
      [rows, 1],
    );
    const isIn = graph.node('Cast', [graph.node('Equal', [segments, graph.reshape(places!, [1, count])])], {
      to: ELEMENT_TYPE.float32,
    });
    const sums = graph.node('MatMul', [isIn, graph.reshape(updates!, [count, sizeOf(op.shape.slice(1))])]);
    return graph.reshape(sums, op.shape);
  }),
  name: 'product with places',
  takes: (op) => op.dtype === 'float32',
};

/** Places outside [0, rows) become `rows`. */
function inside(graph: OnnxGraph, places: Name, rows: number): Name {
  const isLess = graph.node('Less', [places, graph.scalar(0, 'int32')]);
  const end = graph.scalar(rows, 'int32');
  return graph.node('Where', [isLess, end, graph.node('Min', [places, end])]);
}

/** [n] → [n, inner], the same in each row. */
function spread(graph: OnnxGraph, indices: Name, dims: Shape): Name {
  return graph.node('Expand', [graph.reshape(indices, [dims[0]!, 1]), graph.int64(dims)]);
}

/** Any rows and places; of two values for one place the last stays, because ScatterElements goes in order. */
export const scatterUpdate: readonly Lowering<'ScatterUpdate'>[] = [
  portable((graph, [data, places, updates], op) => {
    const [rows, inner] = [op.shape[0]!, sizeOf(op.shape.slice(1))];
    const count = op.inputs[1]!.shape[0]!;
    const scattered = graph.node(
      'ScatterElements',
      [
        graph.reshape(data!, [rows, inner]),
        spread(graph, places!, [count, inner]),
        graph.reshape(updates!, [count, inner]),
      ],
      { axis: 0 },
    );
    return graph.reshape(scattered, op.shape);
  }),
];

/** Along the last axis, sorted. Two ops of one node, which the graph makes once. */
function top(graph: OnnxGraph, x: Name, k: number): [Name, Name] {
  return graph.nodeWithTwoOutputs('TopK', [x, graph.int64([k])], { axis: -1, largest: 1, sorted: 1 });
}

export const topKValues: readonly Lowering<'TopKValues'>[] = [
  portable((graph, [x], op) => top(graph, x!, op.attributes.k)[0]),
];

export const topKIndices: readonly Lowering<'TopKIndices'>[] = [
  portable((graph, [x], op) => castTo(graph, top(graph, x!, op.attributes.k)[1], op.dtype)),
];

function castTo(graph: OnnxGraph, x: Name, dtype: Dtype): Name {
  return graph.node('Cast', [x], { to: ELEMENT_TYPE[dtype] });
}
