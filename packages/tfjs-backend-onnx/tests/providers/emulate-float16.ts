/**
 * Rounds what lies in float16 as float16 does, in float32 arithmetic. ONNX Runtime's CPU provider would leave the casts
 * out and compute in float32; with this the CPU shows what a device with float16 computes.
 */
import type { Name, OnnxGraph, OnnxNode } from '../../src/graph/onnx-graph';
import { ELEMENT_TYPE } from '../../src/graph/onnx-graph';

/** Of a graph that `halvePrecision` has gone over. Products are added up in float32, as tensor cores do. */
export function emulateFloat16(graph: OnnxGraph): void {
  const nodes = graph.nodes;
  const halves = new Set<Name>();
  graph.nodes = [];
  for (const node of nodes) {
    const isCast = node.opType === 'Cast';
    const becomesHalf = isCast && node.attributes['to'] === ELEMENT_TYPE.float16;
    const staysHalf = !isCast && node.inputs.some((name) => halves.has(name));
    const isBetween = becomesHalf || (isCast && halves.has(node.inputs[0]!));
    const same: OnnxNode = isBetween ? { ...node, opType: 'Identity', attributes: {} } : node;
    if (!becomesHalf && !staysHalf) {
      graph.nodes.push(same);
      continue;
    }
    const [output] = node.outputs;
    halves.add(output!);
    const exact = `${output!}_exact`;
    graph.nodes.push({ ...same, name: exact, outputs: [exact] });
    const rounded = round(graph, exact);
    graph.nodes.push({
      opType: 'Identity',
      domain: '',
      name: output!,
      inputs: [rounded],
      outputs: [output!],
      attributes: {},
    });
  }
}

const LARGEST = 65504;
const SMALLEST_NORMAL = 2 ** -14;

function round(graph: OnnxGraph, x: Name): Name {
  const number = (value: number): Name => graph.scalar(value, 'float32');
  const size = graph.node('Abs', [x]);
  // Eleven bits of 24 are kept (Dekker, A floating-point technique for extending the available precision, 1971).
  const wide = graph.node('Mul', [x, number(2 ** 13 + 1)]);
  const normal = graph.node('Sub', [wide, graph.node('Sub', [wide, x])]);
  // Below the normal numbers float16 has steps of 2⁻²⁴, as float32 has around 3/4.
  const small = graph.node('Sub', [graph.node('Add', [x, number(0.75)]), number(0.75)]);
  const isSmall = graph.node('Less', [size, number(SMALLEST_NORMAL)]);
  const finite = graph.node('Where', [isSmall, small, normal]);
  const isTooLarge = graph.node('Greater', [size, number(LARGEST)]);
  return graph.node('Where', [isTooLarge, graph.node('Mul', [x, number(Infinity)]), finite]);
}
