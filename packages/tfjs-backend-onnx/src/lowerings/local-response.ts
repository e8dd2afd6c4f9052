/**
 * Local response normalisation over neighbouring channels (Krizhevsky et al. 2012, section 3.3):
 * y = x · n^-β, n = bias + α · Σ x² over the channels within the radius. The sum is a product with a band matrix.
 */
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Op } from '../graph/op';
import { portable } from './lowering';
import type { Lowering } from './lowering';

type LocalResponse = Op<'LocalResponse' | 'LocalResponseGradient'>;

function sumNeighbours(graph: OnnxGraph, x: Name, op: LocalResponse): Name {
  const channels = op.shape.at(-1)!;
  const { depthRadius } = op.attributes;
  const band = Float32Array.from({ length: channels * channels }, (_, i) =>
    Math.abs(Math.floor(i / channels) - (i % channels)) <= depthRadius ? 1 : 0,
  );
  return graph.node('MatMul', [x, graph.floats(band, [channels, channels])]);
}

function normOf(graph: OnnxGraph, x: Name, op: LocalResponse): Name {
  const { bias, alpha } = op.attributes;
  const squares = sumNeighbours(graph, graph.node('Mul', [x, x]), op);
  const scaled = graph.node('Mul', [squares, graph.scalar(alpha, 'float32')]);
  return graph.node('Add', [scaled, graph.scalar(bias, 'float32')]);
}

function factorOf(graph: OnnxGraph, norm: Name, op: LocalResponse): Name {
  return graph.node('Pow', [norm, graph.scalar(-op.attributes.beta, 'float32')]);
}

export const localResponse: Lowering<'LocalResponse'> = portable((graph, [x], op) =>
  graph.node('Mul', [x!, factorOf(graph, normOf(graph, x!, op), op)]),
);

/** dx = dy · n^-β - 2αβ · x · Σ dy · y / n. */
export const localResponseGradient: Lowering<'LocalResponseGradient'> = portable((graph, [x, y, dy], op) => {
  const { alpha, beta } = op.attributes;
  const norm = normOf(graph, x!, op);
  const direct = graph.node('Mul', [dy!, factorOf(graph, norm, op)]);
  const shared = sumNeighbours(graph, graph.node('Div', [graph.node('Mul', [dy!, y!]), norm]), op);
  const scaled = graph.node('Mul', [graph.node('Mul', [x!, shared]), graph.scalar(2 * alpha * beta, 'float32')]);
  return graph.node('Sub', [direct, scaled]);
});
