import { portable } from './lowering';
import type { Lowering } from './lowering';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import { sizeOf } from '../graph/op';
import type { Shape } from '../graph/op';

/** ONNX Runtime folds the transposition of a small matrix into its product. */
export const batchMatMul: readonly Lowering<'BatchMatMul'>[] = [
  portable((graph, [a, b], op) => {
    const [left, right] = op.inputs;
    const { transposeA, transposeB } = op.attributes;
    return graph.node('MatMul', [
      transposeA ? graph.transpose(a!, lastTwoSwapped(left!.shape)) : a!,
      transposeB ? graph.transpose(b!, lastTwoSwapped(right!.shape)) : b!,
    ]);
  }),
];

function lastTwoSwapped(shape: Shape): number[] {
  const rank = shape.length;
  return [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2];
}

function inverseOfDeviation(graph: OnnxGraph, variance: Name, epsilon: number): Name {
  const deviation = graph.node('Sqrt', [graph.node('Add', [variance, graph.scalar(epsilon, 'float32')])]);
  return graph.node('Reciprocal', [deviation]);
}

export const inverseDeviation: readonly Lowering<'InverseDeviation'>[] = [
  portable((graph, [variance], op) => inverseOfDeviation(graph, variance!, op.attributes.epsilon)),
];

/** (x - mean) / √(variance + ε) · scale + offset, with the statistics given. */
export const fusedBatchNorm: readonly Lowering<'FusedBatchNorm'>[] = [
  portable((graph, [x, mean, variance, ...rest], op) => {
    const { epsilon, hasScale, hasOffset } = op.attributes;
    const inverse = inverseOfDeviation(graph, variance!, epsilon);
    const factor = hasScale ? graph.node('Mul', [inverse, rest[0]!]) : inverse;
    // Flat where there is one channel: over a last dimension of one element the CPU provider is eighty times slower.
    const isSingle = op.shape.length > 1 && op.shape.at(-1) === 1;
    const flat = (name: Name, size: number): Name => (isSingle ? graph.reshape(name, [size]) : name);
    const centered = graph.node('Sub', [flat(x!, sizeOf(op.shape)), flat(mean!, 1)]);
    const scaled = graph.node('Mul', [centered, flat(factor, 1)]);
    const y = hasOffset ? graph.node('Add', [scaled, flat(rest[hasScale ? 1 : 0]!, 1)]) : scaled;
    return isSingle ? graph.reshape(y, op.shape) : y;
  }),
];
