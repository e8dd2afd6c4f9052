/**
 * Computes what depends on weights alone once, when a graph is compiled: weights in the layout that a convolution
 * wants, scales of a batch normalisation. A pass over the ONNX graph, because lowerings are what makes such nodes.
 */
import { encodeModel } from '../graph/model-proto';
import { ELEMENT_TYPE, OnnxGraph } from '../graph/onnx-graph';
import type { ElementType, Name, OnnxConstant, OnnxNode } from '../graph/onnx-graph';
import { createSyncSession, LOG_NOTHING } from '../session/native-binding';

/** What a folded constant may need more than the constants that it is made of: else the model would only grow. */
const MOST_GROWTH = 4;
const ALWAYS_SMALL_BYTES = 2 ** 16;

/** Every call of these gives something else. */
const RANDOM = ['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Bernoulli', 'Multinomial'];

/** Replaces nodes that only constants flow into by their results. Call it once, when the graph is whole. */
export function foldConstants(graph: OnnxGraph): void {
  const { foldable, sources } = weightOnly(graph);
  if (foldable.length === 0) return;
  const wanted = frontier(graph, foldable);
  const folded = evaluate(graph, foldable, wanted);
  const bytesOf = new Map(graph.constants.map(({ name, bytes }) => [name, bytes.length]));
  const kept = folded.filter(({ name, type, bytes }) => {
    if (!(type in ELEMENT_TYPE)) return false;
    const before = [...sources.get(name)!].reduce((sum, source) => sum + bytesOf.get(source)!, 0);
    return bytes.length <= Math.max(MOST_GROWTH * before, ALWAYS_SMALL_BYTES);
  });
  const names = new Set(kept.map(({ name }) => name));
  graph.nodes = graph.nodes.filter(({ outputs }) => !outputs.some((output) => names.has(output)));
  graph.constants.push(...kept);
  graph.prune();
}

/** The nodes that depend on constants alone, and for each of their outputs the constants that it is made of. */
function weightOnly(graph: OnnxGraph): { foldable: OnnxNode[]; sources: Map<Name, Set<Name>> } {
  const sources = new Map<Name, Set<Name>>(graph.constants.map(({ name }) => [name, new Set([name])]));
  const results = new Set(graph.outputs.map(({ name }) => name));
  const foldable: OnnxNode[] = [];
  for (const node of graph.nodes) {
    const given = node.inputs.filter(Boolean);
    if (given.length === 0 || RANDOM.includes(node.opType) || node.outputs.length > 1) continue;
    if (!given.every((input) => sources.has(input)) || results.has(node.outputs[0]!)) continue;
    foldable.push(node);
    sources.set(node.outputs[0]!, new Set(given.flatMap((input) => [...sources.get(input)!])));
  }
  return { foldable, sources };
}

/** What the rest of the graph reads of them. */
function frontier(graph: OnnxGraph, foldable: readonly OnnxNode[]): Name[] {
  const made = new Set(foldable.map(({ outputs }) => outputs[0]!));
  const isFoldable = new Set(foldable);
  const readers = graph.nodes.filter((node) => !isFoldable.has(node));
  return [...new Set(readers.flatMap(({ inputs }) => inputs))].filter((name) => made.has(name));
}

function evaluate(graph: OnnxGraph, nodes: readonly OnnxNode[], wanted: readonly Name[]): OnnxConstant[] {
  const part = new OnnxGraph();
  part.requireOpset(graph.opset);
  part.nodes = [...nodes];
  part.constants = graph.constants;
  for (const name of wanted) part.outputs.push({ name, type: null, dims: [] });
  part.prune();
  const session = createSyncSession(encodeModel(part, { producer: 'constant folding', metadata: {} }), {
    threads: 1,
    log: LOG_NOTHING,
  });
  try {
    return session.evaluate(wanted).map(({ type, dims, data }, i) => ({
      name: wanted[i]!,
      type: type as ElementType,
      dims,
      // A copy: the session owns the other.
      bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice(),
    }));
  } finally {
    session.release();
  }
}
