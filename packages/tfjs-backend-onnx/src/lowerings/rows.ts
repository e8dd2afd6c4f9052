/** Moving and adding up whole rows of numbers, in the operators in which the CPU provider is fast at it. */
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import { sizeOf } from '../graph/op';

/** `count` numbers from `start` on, `step` apart. */
export const steps = (count: number, start = 0, step = 1): number[] =>
  Array.from({ length: count }, (_, i) => start + i * step);

/**
 * Moves the axes of an array of rows, as Gather: where rows are a block of channels long, that takes half the time of
 * the CPU provider's Transpose on one thread, and uses the others too. [groups, ...dims, row] → [groups, rows, row]
 */
export function permuteRows(
  graph: OnnxGraph,
  x: Name,
  { groups = 1, dims, perm, row }: { groups?: number; dims: readonly number[]; perm: readonly number[]; row: number },
): Name {
  const numbers = rowNumbers(dims, perm);
  return graph.gather(graph.reshape(x, [groups, numbers.length, row]), graph.indices(numbers), 1);
}

/** Of an array in row-major order, the place of each element after its axes were moved. */
function rowNumbers(dims: readonly number[], perm: readonly number[]): number[] {
  const strides = dims.map((_, axis) => sizeOf(dims.slice(axis + 1)));
  return perm.reduce<number[]>((rows, axis) => rows.flatMap((row) => steps(dims[axis]!, row, strides[axis])), [0]);
}

/** Adds up the groups of [groups, size], as a product with ones: the CPU provider's ReduceSum takes ten times as long. */
export function sumGroups(graph: OnnxGraph, x: Name, groups: number, size: number): Name {
  if (groups === 1) return x;
  const ones = graph.floats(new Float32Array(groups).fill(1), [1, groups]);
  return graph.node('MatMul', [ones, graph.reshape(x, [groups, size])]);
}
