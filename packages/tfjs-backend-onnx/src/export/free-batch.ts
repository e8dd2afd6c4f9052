import { onnxBackendError } from '../errors';
import type { Name, OnnxConstant, OnnxGraph, OnnxNode, OnnxPort } from '../graph/onnx-graph';

/**
 * TF.js functions are recorded with whole shapes, so a free batch dimension is found by recording twice: whatever
 * differs between the two graphs depends on the batch. A reshape may, in one dimension, which ONNX then infers;
 * anything else that differs cannot be exported, and is said so.
 */
export interface BatchSizes {
  first: number;
  second: number;
}

/** Two primes that no network has as a size, so that nothing is equal to them by chance. */
export const BATCH_SIZES: BatchSizes = { first: 101, second: 103 };

/** Rewrites `graph` (recorded at the first batch size) to take any batch, by the one recorded at the second. */
export function freeBatch(graph: OnnxGraph, other: OnnxGraph): void {
  if (graph.nodes.length !== other.nodes.length) throw notFree('the number of nodes');
  const counterpart = new Map<Name, Name>(graph.inputs.map(({ name }, i) => [name, other.inputs[i]!.name]));
  graph.nodes = graph.nodes.map((node, i) => {
    const twin = other.nodes[i]!;
    if (!sameKind(node, twin)) throw notFree(`${node.opType} ${node.name}`);
    const inputs = node.inputs.map((name, place) => {
      const [a, b] = [graph.constantNamed(name), other.constantNamed(twin.inputs[place]!)];
      if (a && b) return sameConstant(a, b) ? name : freedShape(graph, node, place, a, b);
      if (counterpart.get(name) !== twin.inputs[place]) throw notFree(`the wiring of ${node.opType} ${node.name}`);
      return name;
    });
    node.outputs.forEach((output, place) => counterpart.set(output, twin.outputs[place]!));
    return { ...node, inputs };
  });
  freePorts(graph.inputs, other.inputs);
  freePorts(graph.outputs, other.outputs);
  graph.prune();
}

function sameKind(a: OnnxNode, b: OnnxNode): boolean {
  return (
    a.opType === b.opType &&
    a.inputs.length === b.inputs.length &&
    JSON.stringify(a.attributes) === JSON.stringify(b.attributes)
  );
}

function sameConstant(a: OnnxConstant, b: OnnxConstant): boolean {
  return a.type === b.type && a.dims.join() === b.dims.join() && Buffer.compare(a.bytes, b.bytes) === 0;
}

/** The target of a reshape with -1, "whatever is left", in the one dimension that follows the batch. */
function freedShape(graph: OnnxGraph, node: OnnxNode, place: number, a: OnnxConstant, b: OnnxConstant): Name {
  if (node.opType !== 'Reshape' || place !== 1 || a.dims.join() !== b.dims.join()) {
    throw notFree(`an operand of ${node.opType} ${node.name}`);
  }
  const [first, second] = [integers(a), integers(b)];
  const differing = first.map((_, i) => i).filter((i) => first[i] !== second[i]);
  const [at] = differing;
  const follows = first[at!]! / BATCH_SIZES.first === second[at!]! / BATCH_SIZES.second;
  if (differing.length !== 1 || !follows) throw notFree(`Reshape ${node.name} to [${first.join()}]`);
  return graph.int64(first.map((size, i) => (i === at ? -1 : size)));
}

function integers({ bytes }: OnnxConstant): number[] {
  return [...new BigInt64Array(bytes.slice().buffer)].map(Number);
}

function freePorts(ports: OnnxPort[], others: readonly OnnxPort[]): void {
  ports.forEach((port, i) => {
    const dims = port.dims.map((size, axis) => {
      const twin = others[i]!.dims[axis];
      if (size === twin) return size;
      if (size === BATCH_SIZES.first && twin === BATCH_SIZES.second) return -1;
      throw notFree(`the shape of ${port.name}`);
    });
    ports[i] = { ...port, dims };
  });
}

const notFree = (where: string) => onnxBackendError('ONNX_EXPORT_NOT_BATCH_FREE', { where });
