import type { Graph, Op } from '../graph/op';
import { rewrite } from './rewrite';

/** Ops that compute the same of the same inputs become one. */
export function mergeCommonSubexpressions(graph: Graph): Graph {
  const numbers = new Map<Op, number>();
  const numberOf = (op: Op): number => {
    const known = numbers.get(op);
    if (known !== undefined) return known;
    numbers.set(op, numbers.size);
    return numbers.size - 1;
  };
  const made = new Map<string, Op>();
  return rewrite(graph, (op) => {
    const key = `${op.signature}(${op.inputs.map((input) => `${numberOf(input.op)}:${input.shape.join()}`).join(' ')})`;
    const known = made.get(key);
    if (known) return known;
    made.set(key, op);
    return op;
  });
}
