import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of TF.js's kernels.
import '@tensorflow/tfjs-layers';
import { onnx } from 'onnx-proto';
import { exportOnnx, importOnnx, registerOnnxBackend } from '..';
import { encodeModel } from '../graph/model-proto';
import { OnnxGraph } from '../graph/onnx-graph';

const backend = registerOnnxBackend({ threads: 1 });
beforeAll(() => tf.setBackend('onnx'));
afterAll(() => {
  backend.dispose();
});

const rows = [{ name: 'rows', shape: [-1, 3], dtype: 'float32' as const }];

function sumModel(change: (model: onnx.ModelProto) => void = () => undefined): Uint8Array {
  const weights = tf.tensor2d([1, -2, 3, -4, 5, -6], [3, 2]);
  const bytes = exportOnnx((x) => ({ y: tf.relu(tf.matMul(x, weights)) }), rows, { metadata: { task: 'sum' } });
  const model = onnx.ModelProto.decode(bytes);
  change(model);
  return new Uint8Array(onnx.ModelProto.encode(model).finish());
}

describe('importOnnx', () => {
  test('describes the inputs, outputs and metadata of a model, and answers as it does', async () => {
    const model = await importOnnx(sumModel());
    expect(model.inputs).toEqual([{ name: 'rows', shape: [-1, 3], dtype: 'float32' }]);
    expect(model.outputs).toEqual([{ name: 'y', shape: [-1, 2], dtype: 'float32' }]);
    expect([model.metadata, model.opset]).toEqual([{ task: 'sum' }, 18]);
    const x = tf.tensor2d([1, 0, 0, 0, 1, 1], [2, 3]);
    for (const given of [x, [x], { rows: x }]) {
      expect((model.predict(given) as tf.Tensor).arraySync()).toEqual([
        [1, 0],
        [8, 0],
      ]);
    }
    model.dispose();
  });

  test('lets gradients flow into the weights, so that a model can be trained on', async () => {
    const model = await importOnnx(sumModel());
    const x = tf.tensor2d([1, 0, 0, 0, 1, 1], [2, 3]);
    const loss = () => tf.mean<tf.Scalar>(tf.square(tf.sub(model.predict(x) as tf.Tensor, 1)));
    const before = loss().dataSync()[0]!;
    tf.train.sgd(0.01).minimize(loss);
    expect(loss().dataSync()[0]!).toBeLessThan(before);
    model.dispose();
  });

  test('leaves no tensor behind once it is disposed of', async () => {
    const [bytes, x] = [sumModel(), tf.zeros([1, 3])];
    const before = tf.memory().numTensors;
    const model = await importOnnx(bytes);
    (model.predict(x) as tf.Tensor).dispose();
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('computes sizes that a model takes from its input, as exporters write them', async () => {
    const graph = new OnnxGraph();
    const x = graph.input('x', 'float32', [-1, 2, 3]);
    const shape = graph.node('Shape', [x]);
    const batch = graph.gather(shape, graph.constant('int64', [], new Uint8Array(8)), 0);
    const target = graph.concat([graph.node('Unsqueeze', [batch, graph.int64([0])]), graph.int64([-1])], 0);
    graph.output('y', graph.node('Reshape', [x, target]), 'float32', [-1, 6]);
    const model = await importOnnx(encodeModel(graph, { producer: 'test', metadata: {} }));
    expect((model.predict(tf.zeros([4, 2, 3])) as tf.Tensor).shape).toEqual([4, 6]);
  });

  test.each<[string, (model: onnx.ModelProto) => void]>([
    ['ONNX_IMPORT_OPERATOR', (model) => (model.graph!.node![0]!.opType = 'NonMaxSuppression')],
    ['ONNX_IMPORT_OPERATOR', (model) => (model.graph!.node![0]!.domain = 'com.microsoft')],
    ['ONNX_IMPORT_OPSET', (model) => (model.opsetImport[0]!.version = 3)],
    ['ONNX_IMPORT_DTYPE', (model) => (model.graph!.initializer![0]!.dataType = 8)],
    ['ONNX_IMPORT_MALFORMED', (model) => (model.graph = null)],
    [
      'ONNX_IMPORT_EXTERNAL_DATA',
      ({ graph }) => {
        graph!.initializer![0]!.dataLocation = onnx.TensorProto.DataLocation.EXTERNAL;
        graph!.initializer![0]!.externalData = [{ key: 'location', value: 'weights.bin' }];
      },
    ],
  ])('names what it cannot import: %s', async (code, change) => {
    await expect(importOnnx(sumModel(change))).rejects.toMatchObject({ code });
  });

  test('refuses bytes that are no model, and inputs that do not fit', async () => {
    await expect(importOnnx(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ code: 'ONNX_IMPORT_MALFORMED' });
    const model = await importOnnx(sumModel());
    expect(() => model.predict(tf.zeros([1, 4]))).toThrow(
      expect.objectContaining({ code: 'ONNX_IMPORT_INPUT' }) as Error,
    );
  });
});
