import { OnnxGraph } from '../graph/onnx-graph';
import { foldConstants } from './constant-folding';

function named(graph: OnnxGraph): string[] {
  return graph.nodes.map(({ opType }) => opType);
}

const floats = (graph: OnnxGraph, name: string): number[] => [
  ...new Float32Array(graph.constantNamed(name)!.bytes.slice().buffer),
];

describe('foldConstants', () => {
  test('computes what depends on weights alone, and leaves what an input flows into', () => {
    const graph = new OnnxGraph();
    const x = graph.input('x', 'float32', [-1, 2]);
    const weights = graph.floats([1, 2, 3, 4], [2, 2]);
    const turned = graph.transpose(graph.node('Neg', [weights]), [1, 0]);
    graph.output('y', graph.node('MatMul', [x, turned]), 'float32', [-1, 2]);
    foldConstants(graph);
    expect(named(graph)).toEqual(['MatMul', 'Identity']);
    const [product] = graph.nodes;
    expect(floats(graph, product!.inputs[1]!)).toEqual([-1, -3, -2, -4]);
    expect(graph.constants).toHaveLength(1);
  });

  test('keeps what would make the model many times larger', () => {
    const graph = new OnnxGraph();
    const x = graph.input('x', 'float32', [400, 400]);
    const ones = graph.node('Expand', [graph.scalar(1, 'float32'), graph.int64([400, 400])]);
    graph.output('y', graph.node('Add', [x, ones]), 'float32', [400, 400]);
    foldConstants(graph);
    expect(named(graph)).toEqual(['Expand', 'Add', 'Identity']);
  });

  test('never takes one draw of a random node for its value', () => {
    const graph = new OnnxGraph();
    const x = graph.input('x', 'float32', [2]);
    const noise = graph.node('RandomNormalLike', [graph.floats([0, 0])]);
    graph.output('y', graph.node('Add', [x, noise]), 'float32', [2]);
    foldConstants(graph);
    expect(named(graph)).toEqual(['RandomNormalLike', 'Add', 'Identity']);
  });
});
