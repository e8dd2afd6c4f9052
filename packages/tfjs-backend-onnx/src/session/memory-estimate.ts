import type { Graph, Op } from '../graph/op';
import { isLeaf, sizeOf } from '../graph/op';

/**
 * Lowerings need room beside the tensors of the graph: padded copies, other layouts. Measured on the LunaModel's
 * training step, where 1.4 to 2 times as much is in use at the worst moment.
 */
const LOWERINGS_NEED = 2;

export function bytesOf({ shape, dtype }: Op): number {
  return sizeOf(shape) * (dtype === 'bool' ? 1 : 4);
}

/**
 * The native memory in bytes that one run of a graph needs, as an estimate: results are alive from the op that makes
 * them to the last one that reads them, in the order of the graph. What is fed and what is returned lies in
 * JavaScript's memory and does not count.
 */
export function estimateRunBytes(graph: Graph): number {
  const lastReader = new Map<Op, Op>();
  for (const op of graph.order) {
    if (!isLeaf(op)) for (const input of op.inputs) lastReader.set(input.op, op);
  }
  const kept = new Set<Op>(graph.outputs);
  let alive = 0;
  let most = 0;
  for (const op of graph.order) {
    if (isLeaf(op)) continue;
    if (!kept.has(op)) alive += bytesOf(op);
    most = Math.max(most, alive);
    for (const input of new Set(op.inputs.map((operand) => operand.op))) {
      if (!isLeaf(input) && !kept.has(input) && lastReader.get(input) === op) alive -= bytesOf(input);
    }
  }
  return Math.round(most * LOWERINGS_NEED);
}
