import { encodeModel } from '../graph/model-proto';
import { OnnxGraph } from '../graph/onnx-graph';
import { TESTED_ONNXRUNTIME, checkBinding, createSyncSession, installedOnnxRuntime } from './native-binding';

function doubling(): Uint8Array<ArrayBuffer> {
  const graph = new OnnxGraph();
  const x = graph.input('x', 'float32', [2]);
  graph.output('y', graph.node('Add', [x, x]), 'float32', [2]);
  return encodeModel(graph, { producer: 'test', metadata: {} });
}

const feed = { values: Float32Array.of(1, 2), shape: [2], dtype: 'float32' as const };

test('the installed onnxruntime-node is one whose private binding this package knows', () => {
  expect(installedOnnxRuntime()).toMatch(/^1\.30\./);
});

describe('a binding that is not what this package knows is refused by name', () => {
  class Session {
    loadModel(): void {}
    run(): Record<string, never> {
      return {};
    }
    endProfiling(): void {}
    dispose(): void {}
  }
  const known = { initOrt: () => undefined, binding: { InferenceSession: Session } };

  test.each(['1.21.9', '1.31.0', '2.30.0', '0.30.0'])('of version %s', (version) => {
    expect(() => checkBinding(known, version)).toThrow(
      expect.objectContaining({
        code: 'ONNX_BACKEND_VERSION',
        details: expect.objectContaining({ version }) as object,
      }) as Error,
    );
  });

  test('not of one in between, or of another patch', () => {
    for (const version of ['1.22.0', '1.26.0', `${TESTED_ONNXRUNTIME.last}.99`]) {
      expect(checkBinding(known, version)).toBe(Session);
    }
  });

  test.each([
    ['initOrt', { ...known, initOrt: undefined }],
    ['loadModel', { ...known, binding: {} }],
    [
      'run',
      {
        ...known,
        binding: {
          InferenceSession: class {
            loadModel(): void {}
          } as never,
        },
      },
    ],
  ])('without %s', (missing, found) => {
    expect(() => checkBinding(found as never, '1.30.0')).toThrow(
      expect.objectContaining({
        code: 'ONNX_BACKEND_BINDING_MOVED',
        details: expect.objectContaining({ missing }) as object,
      }) as Error,
    );
  });
});

test('a session runs on the calling thread, and can be released', () => {
  const session = createSyncSession(doubling(), { threads: 1 });
  expect([...session.run({ x: feed }, ['y'])[0]!]).toEqual([2, 4]);
  session.release();
  expect(() => session.run({ x: feed }, ['y'])).toThrow();
});
