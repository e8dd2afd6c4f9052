import { onnxBackendError } from '../errors';
import { encodeModel } from '../graph/model-proto';
import { OnnxGraph } from '../graph/onnx-graph';
import type { Name } from '../graph/onnx-graph';
import type { Graph, Values } from '../graph/op';
import type { Target } from '../graph/target';
import type { LoweredOp } from '../lowerings/lower-graph';
import { lowerGraph } from '../lowerings/lower-graph';
import { optimize } from '../passes';
import { createSyncSession } from './native-binding';
import type { RunOptions, SessionSettings, SyncSession } from './native-binding';

/** A graph of one structure, compiled; it runs on the leaves of any graph of that structure. */
export interface CompiledGraph {
  /** @returns the outputs' values, in the order of `graph.outputs` */
  run: (graph: Graph, options: RunOptions) => Values[];
  release: () => void;
  readonly lowered: readonly LoweredOp[];
}

export interface CompileOptions {
  threads: number;
  target: Target;
}

/** Keeps no op of `graph`: those hold the tensors of one step, and the compiled graph outlives it. */
export function compileGraph(graph: Graph, { threads, target }: CompileOptions): CompiledGraph {
  const onnx = new OnnxGraph();
  const position = new Map(graph.order.map((op, i) => [op, i]));
  const feeds: { name: Name; position: number }[] = [];
  const { outputs, lowered } = lowerGraph(optimize(graph), onnx, target, (leaf) => {
    const at = position.get(leaf)!;
    feeds.push({ name: `leaf_${at}`, position: at });
    return onnx.input(`leaf_${at}`, leaf.dtype, leaf.shape);
  });
  const names = outputs.map((_, i) => `output_${i}`);
  graph.outputs.forEach((op, i) => {
    onnx.output(names[i]!, outputs[i]!, op.dtype, op.shape);
  });

  onnx.prune();

  const details = { nodes: onnx.nodes.length, ops: lowered.length };
  const model = encodeModel(onnx, { producer: 'tfjs-backend-onnx', metadata: {} });
  const session = load(model, { threads, provider: target.provider }, details);
  return {
    lowered,
    run(current, options) {
      const given = Object.fromEntries(
        feeds.map(({ name, position: at }) => {
          const { value, shape, dtype } = current.order[at]!;
          return [name, { values: value!, shape, dtype }];
        }),
      );
      try {
        return session.run(given, names, options);
      } catch (error) {
        throw onnxBackendError('ONNX_BACKEND_RUN', { ops: details.ops }, error);
      }
    },
    release: () => {
      session.release();
    },
  };
}

function load(
  model: Uint8Array<ArrayBuffer>,
  settings: SessionSettings,
  details: { nodes: number; ops: number },
): SyncSession {
  try {
    return createSyncSession(model, settings);
  } catch (error) {
    throw onnxBackendError('ONNX_BACKEND_COMPILE', details, error);
  }
}
