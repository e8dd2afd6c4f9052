import fc from 'fast-check';
import { OnnxGraph } from '../graph/onnx-graph';
import type { OnnxNode } from '../graph/onnx-graph';
import { orderForMemory } from './execution-order';

const node = (name: string, inputs: string[]): OnnxNode => ({
  opType: 'Add',
  domain: '',
  name,
  inputs,
  outputs: [name],
  attributes: {},
});

test('keeps all nodes, each after those that it reads', () => {
  const anyGraph = fc.array(fc.array(fc.nat(50), { maxLength: 3 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(anyGraph, (wiring) => {
      const nodes = wiring.map((reads, i) => node(`n${i}`, i === 0 ? ['x'] : reads.map((at) => `n${at % i}`)));
      const ordered = orderForMemory(nodes);
      expect(new Set(ordered)).toEqual(new Set(nodes));
      expect(ordered).toHaveLength(nodes.length);
      const done = new Set(['x']);
      for (const { name, inputs } of ordered) {
        expect(inputs.filter((input) => !done.has(input))).toEqual([]);
        done.add(name);
      }
    }),
  );
});

test('puts the end nearest to the inputs last, which ONNX Runtime computes first', () => {
  const graph = new OnnxGraph();
  const x = graph.input('x', 'float32', [4]);
  const loss = graph.node('Relu', [x]);
  const later = graph.node('Neg', [graph.node('Abs', [loss])]);
  graph.output('gradient of the last layer', graph.node('Exp', [loss]), 'float32', [4]);
  graph.output('gradient of the first layer', graph.node('Sqrt', [later]), 'float32', [4]);
  expect(orderForMemory(graph.nodes).map(({ opType }) => opType)).toEqual([
    ...['Relu', 'Abs', 'Neg', 'Sqrt', 'Identity'],
    ...['Exp', 'Identity'],
  ]);
});

test('takes deep graphs', () => {
  const nodes = Array.from({ length: 50_000 }, (_, i) => node(`n${i}`, [i === 0 ? 'x' : `n${i - 1}`]));
  expect(orderForMemory(nodes)).toEqual(nodes);
});
