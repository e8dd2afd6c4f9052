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
function rowNumbers(dims: readonly number[], perm: readonly number[]): Int32Array {
  const strides = dims.map((_, axis) => sizeOf(dims.slice(axis + 1)));
  // The last axis changes fastest: each one repeats what the axes after it have made so far.
  const numbers = new Int32Array(sizeOf(dims));
  let made = 1;
  for (const axis of perm.toReversed()) {
    for (let i = 1; i < dims[axis]!; i++) {
      for (let j = 0; j < made; j++) numbers[i * made + j] = numbers[j]! + i * strides[axis]!;
    }
    made *= dims[axis]!;
  }
  return numbers;
}

/**
 * Adds up the groups of [rounds, groups, size], as a product with ones: the CPU provider's ReduceSum takes ten times
 * as long.
 */
export function sumGroups(graph: OnnxGraph, x: Name, form: readonly [number, number, number]): Name {
  const groups = form[1];
  if (groups === 1) return x;
  const ones = graph.floats(new Float32Array(groups).fill(1), [1, groups]);
  return graph.node('MatMul', [ones, graph.reshape(x, form)]);
}
