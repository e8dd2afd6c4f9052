import type { Graph, Op } from '../graph/op';
import { graphOf, isLeaf, makeOp } from '../graph/op';

/**
 * Rebuilds a graph op by op. `replace` sees each op with its inputs already rewritten, and returns what stands for
 * it. Leaves and untouched ops stay the same objects, the recorded graph is not changed, and what no output needs
 * any more is gone from the result.
 */
export function rewrite(graph: Graph, replace: (op: Op, original: Op) => Op): Graph {
  const replacement = new Map<Op, Op>();
  for (const op of graph.order) {
    replacement.set(op, isLeaf(op) ? op : replace(withInputs(op, replacement), op));
  }
  return graphOf(graph.outputs.map((op) => replacement.get(op)!));
}

function withInputs(op: Op, replacement: ReadonlyMap<Op, Op>): Op {
  if (op.inputs.every((input) => replacement.get(input.op) === input.op)) return op;
  const inputs = op.inputs.map(({ op: from, shape }) => ({ op: replacement.get(from)!, shape }));
  return makeOp(op.kernel, inputs, op.attributes, op.shape, op.dtype);
}

/** Who reads each op, and whether the graph's outputs do. */
export function readersOf(graph: Graph): ReadonlyMap<Op, readonly Op[]> {
  const readers = new Map<Op, Op[]>(graph.order.map((op) => [op, []]));
  for (const op of graph.order) {
    if (!isLeaf(op)) for (const input of op.inputs) readers.get(input.op)!.push(op);
  }
  return readers;
}
