import { portable } from './lowering';
import type { Lowering } from './lowering';
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

/** (x - mean) / √(variance + ε) · scale + offset, with the statistics given. */
export const fusedBatchNorm: readonly Lowering<'FusedBatchNorm'>[] = [
  portable((graph, [x, mean, variance, ...rest], op) => {
    const { epsilon, hasScale, hasOffset } = op.attributes;
    const deviation = graph.node('Sqrt', [graph.node('Add', [variance!, graph.scalar(epsilon, 'float32')])]);
    const inverse = graph.node('Reciprocal', [deviation]);
    const factor = hasScale ? graph.node('Mul', [inverse, rest[0]!]) : inverse;
    const scaled = graph.node('Mul', [graph.node('Sub', [x!, mean!]), factor]);
    return hasOffset ? graph.node('Add', [scaled, rest[hasScale ? 1 : 0]!]) : scaled;
  }),
];
