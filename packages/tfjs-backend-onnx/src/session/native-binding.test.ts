import { encodeModel } from '../graph/model-proto';
import { OnnxGraph } from '../graph/onnx-graph';
import { TESTED_ONNXRUNTIME, createSyncSession, installedOnnxRuntime } from './native-binding';

function doubling(): Uint8Array<ArrayBuffer> {
  const graph = new OnnxGraph();
  const x = graph.input('x', 'float32', [2]);
  graph.output('y', graph.node('Add', [x, x]), 'float32', [2]);
  return encodeModel(graph, { producer: 'test', metadata: {} });
}

const feed = { values: Float32Array.of(1, 2), shape: [2], dtype: 'float32' as const };

test(`the installed onnxruntime-node is ${TESTED_ONNXRUNTIME}, the one whose private binding this package knows`, () => {
  // After an upgrade: read session/native-binding.ts against the new lib/binding.ts, run all tests and the benchmark,
  // and only then change TESTED_ONNXRUNTIME.
  expect(installedOnnxRuntime()).toBe(TESTED_ONNXRUNTIME);
});

test('a session runs on the calling thread, and can be released', () => {
  const session = createSyncSession(doubling(), { threads: 1 });
  expect([...session.run({ x: feed }, ['y'])[0]!]).toEqual([2, 4]);
  session.release();
  expect(() => session.run({ x: feed }, ['y'])).toThrow();
});
