import { onnxBackendError } from '../errors';
import { encodeModel } from '../graph/model-proto';
import { OnnxGraph } from '../graph/onnx-graph';
import type { Name } from '../graph/onnx-graph';
import type { Graph, Op, Values } from '../graph/op';
import type { Target } from '../graph/target';
import type { LoweredOp } from '../lowerings/lower-graph';
import { lowerGraph } from '../lowerings/lower-graph';
import { halvePrecision, optimize } from '../passes';
import { orderForMemory } from './execution-order';
import { bytesOf } from './memory-estimate';
import { createSyncSession } from './native-binding';
import { isDeviceLoss } from './providers';
import type { SessionSettings, SyncSession } from './native-binding';

/** A graph of one structure, compiled; it runs on the leaves of any graph of that structure. */
export interface CompiledGraph {
  /**
   * @param leafAt the leaf at a position of `graph.order`
   * @returns the outputs' values, in the order of `graph.outputs`
   */
  run: (leafAt: (position: number) => Op) => Values[];
  /** Writes the profile, of a graph compiled with `profilePrefix`. */
  endProfiling: () => void;
  release: () => void;
  /** What each op became. */
  readonly lowered: readonly LoweredOp[];
  /** Which of them an ONNX node was made for: indices by the node's name. */
  readonly origins: ReadonlyMap<Name, number>;
  /** Bytes of constants inside. */
  readonly constantBytes: number;
}

export interface CompileOptions {
  threads: number;
  target: Target;
  /** See SessionSettings. */
  keepsMemory: boolean;
  profilePrefix?: string | undefined;
}

/** So little that waking other threads takes longer than the work: bytes of all tensors of a graph. */
const ONE_THREAD_BYTES = 2 ** 18;

/** Keeps no op of `graph`: those hold the tensors of one step, and the compiled graph outlives it. */
export function compileGraph(graph: Graph, options: CompileOptions): CompiledGraph {
  const { target } = options;
  const onnx = new OnnxGraph();
  const position = new Map(graph.order.map((op, i) => [op, i]));
  const feeds: { name: Name; position: number }[] = [];
  const { outputs, lowered, origins } = lowerGraph(optimize(graph, target), onnx, target, (leaf) => {
    const at = position.get(leaf);
    // Made by a pass.
    if (at === undefined) return onnx.constant(leaf.dtype, leaf.shape, bytesOfLeaf(leaf));
    feeds.push({ name: `leaf_${at}`, position: at });
    return onnx.input(`leaf_${at}`, leaf.dtype, leaf.shape);
  });
  const names = outputs.map((_, i) => `output_${i}`);
  graph.outputs.forEach((op, i) => {
    onnx.output(names[i]!, outputs[i]!, op.dtype, op.shape);
  });

  onnx.prune();
  onnx.nodes = orderForMemory(onnx.nodes);
  if (target.precision === 'mixed') halvePrecision(onnx);

  const details = { nodes: onnx.nodes.length, ops: lowered.length };
  const model = encodeModel(onnx, { producer: 'tfjs-backend-onnx', metadata: {} });
  const work = graph.order.reduce((sum, op) => sum + bytesOf(op), 0);
  const threads = work > ONE_THREAD_BYTES ? options.threads : 1;
  const session = load(model, { ...options, threads, provider: target.provider }, details);
  return {
    lowered,
    origins,
    constantBytes: onnx.constants.reduce((sum, { bytes }) => sum + bytes.length, 0),
    run(leafAt) {
      const given = Object.fromEntries(
        feeds.map(({ name, position: at }) => {
          const { value, shape, dtype } = leafAt(at);
          return [name, { values: value!, shape, dtype }];
        }),
      );
      try {
        return session.run(given, names);
      } catch (error) {
        const { provider } = target;
        if (isDeviceLoss(error)) throw onnxBackendError('ONNX_BACKEND_DEVICE_LOST', { provider }, error);
        throw isOutOfMemory(error)
          ? onnxBackendError('ONNX_BACKEND_OUT_OF_MEMORY', { ops: details.ops }, error)
          : onnxBackendError('ONNX_BACKEND_RUN', { ops: details.ops }, error);
      }
    },
    endProfiling: () => {
      session.endProfiling();
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

function bytesOfLeaf({ value }: Op): Uint8Array {
  return new Uint8Array(value!.buffer, value!.byteOffset, value!.byteLength);
}

/** In the words of ONNX Runtime's arena, of the C++ library and of V8. */
function isOutOfMemory(error: unknown): boolean {
  return /failed to allocate memory|bad_alloc|allocation failed|out of memory/i.test((error as Error).message);
}
