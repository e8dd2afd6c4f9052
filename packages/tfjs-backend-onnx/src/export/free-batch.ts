import { onnxBackendError } from '../errors';
import { sizeOf } from '../graph/op';
import { ELEMENT_TYPE } from '../graph/onnx-graph';
import type { Name, OnnxConstant, OnnxGraph, OnnxNode, OnnxPort } from '../graph/onnx-graph';

/**
 * TF.js functions are recorded with whole shapes, so a free batch dimension is found by recording twice: whatever
 * differs between the two graphs depends on the batch. Sizes that grow with it are computed from the input's shape,
 * constants that repeat for every row are repeated as often as there are rows; anything else that differs cannot be
 * exported, and is said so.
 */
export interface BatchSizes {
  first: number;
  second: number;
}

/** Two primes that no network has as a size, so that nothing is equal to them by chance. */
export const BATCH_SIZES: BatchSizes = { first: 101, second: 103 };

/** What is added to a multiple of the batch stays below this: a larger one is some other function of the batch. */
const MOST_ADDED = 64;

/**
 * Rewrites `graph` (recorded at the first batch size) to take any batch, by the one recorded at the second.
 * @param source the input whose first dimension is the batch
 */
export function freeBatch(graph: OnnxGraph, other: OnnxGraph, source: Name): void {
  if (graph.nodes.length !== other.nodes.length) throw notFree('the number of nodes');
  const counterpart = new Map<Name, Name>(graph.inputs.map(({ name }, i) => [name, other.inputs[i]!.name]));
  const recorded = graph.nodes;
  // Nodes that compute sizes are written just before the node that needs them.
  graph.nodes = [];
  recorded.forEach((node, i) => {
    const twin = other.nodes[i]!;
    if (!sameKind(node, twin)) throw notFree(`${node.opType} ${node.name}`);
    const inputs = node.inputs.map((name, place) => {
      const [a, b] = [graph.constantNamed(name), other.constantNamed(twin.inputs[place]!)];
      if (a && b) return sameConstant(a, b) ? name : freed(graph, source, node, place, a, b);
      if (counterpart.get(name) !== twin.inputs[place]) throw notFree(`the wiring of ${node.opType} ${node.name}`);
      return name;
    });
    node.outputs.forEach((output, place) => counterpart.set(output, twin.outputs[place]!));
    graph.nodes.push({ ...node, inputs });
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

/** What stands for a constant that is another one for another batch. */
function freed(graph: OnnxGraph, source: Name, node: OnnxNode, place: number, a: OnnxConstant, b: OnnxConstant): Name {
  const made =
    (a.type === 'int64' || a.type === 'int32') && a.dims.join() === b.dims.join()
      ? ((node.opType === 'Reshape' && place === 1 ? inferredShape(graph, a, b) : null) ?? sizes(graph, source, a, b))
      : growingRows(graph, source, a, b);
  if (made === null) throw notFree(`an operand of ${node.opType} ${node.name}`);
  return made;
}

/** The target of a reshape with -1, "whatever is left", in the one dimension that follows the batch. */
function inferredShape(graph: OnnxGraph, a: OnnxConstant, b: OnnxConstant): Name | null {
  const [first, second] = [integers(a), integers(b)];
  const differing = first.map((_, i) => i).filter((i) => first[i] !== second[i]);
  const [at] = differing;
  const follows = first[at!]! / BATCH_SIZES.first === second[at!]! / BATCH_SIZES.second;
  if (differing.length !== 1 || !follows) return null;
  return graph.int64(first.map((size, i) => (i === at ? -1 : size)));
}

interface Multiple {
  times: number;
  added: number;
}

/** `size` as times · batch + added. */
function multipleOf(first: number, second: number): Multiple | null {
  if (first === second) return { times: 0, added: first };
  const times = (second - first) / (BATCH_SIZES.second - BATCH_SIZES.first);
  const added = first - times * BATCH_SIZES.first;
  return Number.isInteger(times) && Math.abs(added) <= MOST_ADDED ? { times, added } : null;
}

/** Sizes, bounds and repetitions that grow with the batch, computed from the input's shape. */
function sizes(graph: OnnxGraph, source: Name, a: OnnxConstant, b: OnnxConstant): Name | null {
  const second = integers(b);
  const multiples = integers(a).map((size, i) => multipleOf(size, second[i]!));
  if (multiples.some((multiple) => multiple === null)) return null;
  const known = multiples as Multiple[];
  const batch = graph.node('Shape', [source], { start: 0, end: 1 });
  const times = graph.int64(known.map((multiple) => multiple.times));
  const grown = graph.node('Mul', [batch, times]);
  const all = graph.node('Add', [grown, graph.int64(known.map(({ added }) => added))]);
  const typed = a.type === 'int64' ? all : graph.node('Cast', [all], { to: ELEMENT_TYPE[a.type] });
  return graph.reshape(typed, a.dims);
}

/** A constant with rows for the batch: all the same, as an initial state is, or counting up, as offsets do. */
function growingRows(graph: OnnxGraph, source: Name, a: OnnxConstant, b: OnnxConstant): Name | null {
  if (a.type !== b.type || a.dims.length !== b.dims.length) return null;
  const differing = a.dims.map((_, axis) => axis).filter((axis) => a.dims[axis] !== b.dims[axis]);
  const [axis] = differing;
  if (axis === undefined || differing.length !== 1) return null;
  const multiple = multipleOf(a.dims[axis]!, b.dims[axis]!);
  if (!multiple) return null;
  const batch = graph.node('Shape', [source], { start: 0, end: 1 });
  const grown = graph.node('Mul', [batch, graph.int64([multiple.times])]);
  const count = graph.node('Add', [grown, graph.int64([multiple.added])]);
  return repeatedRows(graph, axis, count, a, b) ?? countedRows(graph, axis, count, a, b);
}

function repeatedRows(graph: OnnxGraph, axis: number, count: Name, a: OnnxConstant, b: OnnxConstant): Name | null {
  const [row, otherRow] = [onlyRow(a, axis), onlyRow(b, axis)];
  if (!row || !otherRow || Buffer.compare(row, otherRow) !== 0) return null;
  const dims = a.dims.map((size, i) => (i === axis ? 1 : size));
  const around = [a.dims.slice(0, axis), a.dims.slice(axis + 1)].map((part) =>
    part.length > 0 ? [graph.int64(part)] : [],
  );
  const shape = graph.concat([...around[0]!, count, ...around[1]!], 0);
  return graph.node('Expand', [graph.constant(a.type, dims, row), shape]);
}

/** Whole numbers that grow by the same from row to row. */
function countedRows(graph: OnnxGraph, axis: number, count: Name, a: OnnxConstant, b: OnnxConstant): Name | null {
  if (a.type !== 'int32' && a.type !== 'int64') return null;
  const [first, second] = [progressionOf(a, axis), progressionOf(b, axis)];
  if (!first || !second || first.start !== second.start || first.step !== second.step) return null;
  const flat = graph.node('Range', [graph.int64([0], []), graph.reshape(count, []), graph.int64([1], [])]);
  const steps = graph.node('Mul', [flat, graph.int64([first.step])]);
  const values = graph.node('Add', [steps, graph.int64([first.start])]);
  const typed = graph.node('Cast', [values], { to: ELEMENT_TYPE[a.type] });
  return graph.reshape(
    typed,
    a.dims.map((_, i) => (i === axis ? -1 : 1)),
  );
}

/** Only of constants whose other dimensions are one. */
function progressionOf(constant: OnnxConstant, axis: number): { start: number; step: number } | null {
  const values = integers(constant);
  const [start, next] = values;
  if (values.length !== constant.dims[axis] || start === undefined || next === undefined) return null;
  const step = next - start;
  return values.every((value, i) => value === start + i * step) ? { start, step } : null;
}

/** The bytes of one place along an axis, where all places are the same. */
function onlyRow({ bytes, dims }: OnnxConstant, axis: number): Uint8Array | null {
  const outer = sizeOf(dims.slice(0, axis));
  const inner = bytes.length / outer / dims[axis]!;
  const rows: Uint8Array[] = [];
  for (let block = 0; block < outer; block++) {
    const begin = block * inner * dims[axis]!;
    const row = bytes.subarray(begin, begin + inner);
    for (let place = 1; place < dims[axis]!; place++) {
      const at = begin + place * inner;
      if (Buffer.compare(row, bytes.subarray(at, at + inner)) !== 0) return null;
    }
    rows.push(row);
  }
  return new Uint8Array(Buffer.concat(rows));
}

function integers({ type, bytes }: OnnxConstant): number[] {
  const { buffer } = bytes.slice();
  return Array.from<number | bigint, number>(
    type === 'int32' ? new Int32Array(buffer) : new BigInt64Array(buffer),
    Number,
  );
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
