import type { Kernel } from '../graph/kernels';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Op, Operand } from '../graph/op';
import type { Target } from '../graph/target';
import { LaidOut } from './layouts';
import type { Layout } from './layouts';

/** What a lowering may use: the ONNX graph it writes into, and the inputs as they were laid out. */
export interface LoweringContext {
  readonly graph: OnnxGraph;
  readonly target: Target;
  input: (operand: Operand) => LaidOut;
}

/** One way to say a kernel in ONNX. */
export interface Lowering<K extends Kernel = Kernel> {
  /** As `explain()` shows it. */
  readonly name: string;
  /** Which ops it is right for; every op where left out. */
  readonly takes?: (op: Op<K>, context: LoweringContext) => boolean;
  readonly lower: (op: Op<K>, context: LoweringContext) => LaidOut;
}

/** An input in TF.js's own order. */
export function plain(context: LoweringContext, operand: Operand): Name {
  return context.input(operand).in('canonical');
}

export function result(context: LoweringContext, op: Op, name: Name, layout: Layout = 'canonical'): LaidOut {
  return new LaidOut(context.graph, op.shape, layout, name);
}

/** A portable lowering that reads and writes TF.js's own order. */
export function portable<K extends Kernel>(
  lower: (graph: OnnxGraph, inputs: readonly Name[], op: Op<K>) => Name,
): Lowering<K> {
  return {
    name: 'portable',
    lower: (op, context) =>
      result(
        context,
        op,
        lower(
          context.graph,
          op.inputs.map((input) => plain(context, input)),
          op,
        ),
      ),
  };
}
