import type { Graph, Op, Operand } from '../graph/op';
import { isLeaf, sameShape } from '../graph/op';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Target } from '../graph/target';
import { LaidOut } from './layouts';
import type { LoweringContext } from './lowering';
import { chooseLowering } from './table';

/** What one op became, as `explain()` shows it. */
export interface LoweredOp {
  kernel: string;
  shape: readonly number[];
  lowering: string;
}

/**
 * Writes every op of `graph` into `onnx`.
 * @param nameLeaf gives a leaf its place in the ONNX graph: an input or a constant
 * @returns the outputs' names, in TF.js's own order of elements, what each op became, and of the nodes' names the
 *   index of the op that they were first made for
 */
export function lowerGraph(
  graph: Graph,
  onnx: OnnxGraph,
  target: Target,
  nameLeaf: (leaf: Op) => Name,
): { outputs: Name[]; lowered: LoweredOp[]; origins: Map<Name, number> } {
  onnx.block = target.blockSize ?? onnx.block;
  const values = new Map<Op, LaidOut>();
  const views = new Map<string, LaidOut>();
  const position = new Map(graph.order.map((op, i) => [op, i]));

  function input({ op, shape }: Operand): LaidOut {
    const value = values.get(op)!;
    if (sameShape(op.shape, shape)) return value;
    const key = `${position.get(op)!}:${shape.join()}`;
    const known = views.get(key);
    if (known) return known;
    const view = new LaidOut(onnx, shape, 'canonical', onnx.reshape(value.in('canonical'), shape));
    views.set(key, view);
    return view;
  }

  const context: LoweringContext = { graph: onnx, target, input };
  const lowered: LoweredOp[] = [];
  const origins = new Map<Name, number>();
  for (const op of graph.order) {
    if (isLeaf(op)) values.set(op, new LaidOut(onnx, op.shape, 'canonical', nameLeaf(op)));
    else {
      const lowering = chooseLowering(op, context);
      const before = onnx.nodes.length;
      values.set(op, lowering.lower(op, context));
      for (const node of onnx.nodes.slice(before)) origins.set(node.name, lowered.length);
      lowered.push({ kernel: op.kernel, shape: op.shape, lowering: lowering.name });
    }
  }
  return { outputs: graph.outputs.map((op) => values.get(op)!.in('canonical')), lowered, origins };
}
