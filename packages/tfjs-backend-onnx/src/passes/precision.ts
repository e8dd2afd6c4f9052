/**
 * Mixed precision, as PyTorch's autocast has it: products in float16, everything that adds much up in float32. A pass
 * over the ONNX graph, because it is the lowerings that say which products a kernel is made of.
 */
import { ELEMENT_TYPE } from '../graph/onnx-graph';
import type { Name, OnnxGraph, OnnxNode } from '../graph/onnx-graph';

/** Computed in float16, whatever comes in. */
const PRODUCTS = ['Conv', 'ConvTranspose', 'MatMul'];

/**
 * Stay in float16 where all that flows in lies in it. Their results are inputs of theirs, or have the rounding that a
 * product's input has anyway: so float16 only saves memory. What divides, exponentiates or adds many up is not here.
 */
const FOLLOWERS = [
  'Transpose',
  'Reshape',
  'Slice',
  'Concat',
  'Gather',
  'Pad',
  'Expand',
  'Tile',
  'Unsqueeze',
  'Squeeze',
  'Identity',
  'Relu',
  'MaxPool',
  'Add',
  'Mul',
];

/** Inputs that carry values; the others are shapes, axes, indices. */
const VALUE_INPUTS: Readonly<Record<string, number>> = {
  Reshape: 1,
  Slice: 1,
  Gather: 1,
  Pad: 1,
  Expand: 1,
  Tile: 1,
  Unsqueeze: 1,
  Squeeze: 1,
};

/** What gives another type than its first input has. */
const RESULT_TYPE: Readonly<Record<string, string>> = {
  Equal: 'bool',
  Greater: 'bool',
  GreaterOrEqual: 'bool',
  Less: 'bool',
  LessOrEqual: 'bool',
  IsNaN: 'bool',
  IsInf: 'bool',
  ArgMax: 'int64',
  ArgMin: 'int64',
  Shape: 'int64',
};

const TYPE_NAMES = new Map(Object.entries(ELEMENT_TYPE).map(([name, number]) => [number as number, name]));

/** Puts the products of a whole graph into float16. Its inputs and outputs keep their types. */
export function halvePrecision(graph: OnnxGraph): void {
  const nodes = graph.nodes;
  const types = typesOf(graph);
  const isResult = new Set(graph.outputs.map(({ name }) => name));
  /** Tensors that lie in float16, and the others' and their own copies in the other precision. */
  const halves = new Set<Name>();
  const copies = new Map<Name, Name>();
  const written: OnnxNode[] = [];
  const cast = (name: Name, to: 'float16' | 'float32'): Name => {
    const known = copies.get(name);
    if (known !== undefined) return known;
    const output = `${name}_${to}`;
    written.push({ ...CAST, name: output, inputs: [name], outputs: [output], attributes: { to: ELEMENT_TYPE[to] } });
    copies.set(name, output);
    return output;
  };
  /** A mask of zeros and ones is the same in float16. */
  const masks = new Set(nodes.filter(({ opType }) => opType === 'HardSigmoid').flatMap(({ outputs }) => outputs));

  for (const node of nodes) {
    const values = node.inputs.slice(0, VALUE_INPUTS[node.opType] ?? node.inputs.length);
    const isHalf = !isResult.has(node.outputs[0]!) && staysHalf(node, values, types, halves, masks);
    const inputs = node.inputs.map((name, i) => {
      if (isHalf && i < values.length) return halves.has(name) ? name : cast(name, 'float16');
      return halves.has(name) ? cast(name, 'float32') : name;
    });
    written.push({ ...node, inputs });
    if (isHalf) for (const output of node.outputs) halves.add(output);
  }
  graph.nodes = written;
}

const CAST = { opType: 'Cast', domain: '' };

function staysHalf(
  node: OnnxNode,
  values: readonly Name[],
  types: ReadonlyMap<Name, string>,
  halves: ReadonlySet<Name>,
  masks: ReadonlySet<Name>,
): boolean {
  if (node.domain !== '' || types.get(values[0]!) !== 'float32') return false;
  if (PRODUCTS.includes(node.opType)) return true;
  // A value to pad with is a number that float16 may not have; indices of maxima are made of what float32 says.
  if (node.opType === 'Pad' && node.inputs.length > 2) return false;
  if (!FOLLOWERS.includes(node.opType) || node.outputs.length > 1) return false;
  return values.some((name) => halves.has(name)) && values.every((name) => halves.has(name) || masks.has(name));
}

/** The type of every tensor, as far as this pass asks: that of the first input unless a node says otherwise. */
function typesOf(graph: OnnxGraph): ReadonlyMap<Name, string> {
  const types = new Map<Name, string>();
  for (const { name, type } of [...graph.inputs, ...graph.constants]) if (type !== null) types.set(name, type);
  for (const { opType, inputs, outputs, attributes } of graph.nodes) {
    const given = types.get(inputs[opType === 'Where' ? 1 : 0] ?? '') ?? 'unknown';
    const type = opType === 'Cast' ? TYPE_NAMES.get(attributes['to'] as number) : RESULT_TYPE[opType];
    for (const output of outputs) types.set(output, type ?? given);
  }
  return types;
}
