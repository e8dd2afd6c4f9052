import * as tf from '@tensorflow/tfjs-core';
import { onnx } from 'onnx-proto';
import { InferenceSession, Tensor } from 'quiet-onnxruntime';
import { exportOnnx, registerOnnxBackend } from '..';

const backend = registerOnnxBackend({ threads: 1 });
beforeAll(() => tf.setBackend('onnx'));
afterAll(() => {
  backend.dispose();
});

const rows = [{ name: 'rows', shape: [-1, 3], dtype: 'float32' as const }];

async function run(model: Uint8Array, rowCount: number): Promise<InferenceSession.OnnxValueMapType> {
  const session = await InferenceSession.create(model);
  const values = Float32Array.from({ length: rowCount * 3 }, (_, i) => i);
  return session.run({ rows: new Tensor('float32', values, [rowCount, 3]) });
}

describe('exportOnnx', () => {
  test('writes standard operators, the opset, the metadata and a free batch', () => {
    const weights = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    const bytes = exportOnnx((x) => ({ y: tf.matMul(x, weights) }), rows, { metadata: { task: 'sum' } });
    const model = onnx.ModelProto.decode(bytes);
    expect(model.opsetImport.map(({ domain, version }) => [domain, Number(version)])).toEqual([['', 18]]);
    expect(model.metadataProps).toMatchObject([{ key: 'task', value: 'sum' }]);
    const dims = model.graph!.input![0]!.type!.tensorType!.shape!.dim!;
    expect([dims[0]!.dimParam, Number(dims[1]!.dimValue)]).toEqual(['batch', 3]);
  });

  test.each([1, 2, 5])('makes a model that answers as TF.js does, here for a batch of %i', async (count) => {
    const weights = tf.variable(tf.tensor2d([1, -2, 3, -4, 5, -6], [3, 2]));
    const network = (x: tf.Tensor) =>
      tf.relu(tf.add(tf.matMul(tf.reshape<tf.Rank.R2>(x, [-1, 3]), weights), tf.tensor1d([1, 2])));
    const { y } = await run(
      exportOnnx((x) => ({ y: network(x) }), rows),
      count,
    );
    const expected = network(tf.reshape(tf.range(0, count * 3), [count, 3]));
    expect([...(y!.data as Float32Array)]).toEqual([...expected.dataSync()]);
  });

  test('takes the weights as they are after the last training step', async () => {
    const weight = tf.variable(tf.scalar(1));
    weight.assign(tf.add(weight, 41));
    const { y } = await run(
      exportOnnx((x) => ({ y: tf.mul(x, weight) }), rows),
      1,
    );
    expect([...(y!.data as Float32Array)]).toEqual([0, 42, 84]);
  });

  test('repeats what is the same for every row, such as an initial state, as often as there are rows', async () => {
    const bytes = exportOnnx((x) => ({ y: tf.concat([tf.fill([x.shape[0], 2], 7), tf.reverse(x, 0)], 1) }), rows);
    const { y } = await run(bytes, 2);
    expect([...(y!.data as Float32Array)]).toEqual([7, 7, 3, 4, 5, 7, 7, 0, 1, 2]);
  });

  test('takes anything that says what it takes and predicts, after a preprocessing', async () => {
    const model = {
      inputs: [{ name: 'x', shape: [null, 3], dtype: 'float32' as const }],
      predict: (x: tf.Tensor) => [tf.sum(x, 1), tf.relu(x)],
    };
    const bytes = exportOnnx(model, {
      inputs: rows,
      preprocessing: (x) => tf.sub(x, 1),
      outputs: ['sum', 'positive'],
      metadata: { labels: ['a', 'b'] },
    });
    const { sum, positive } = await run(bytes, 2);
    expect([...(sum!.data as Float32Array)]).toEqual([0, 9]);
    expect(positive!.dims).toEqual([2, 3]);
    expect(onnx.ModelProto.decode(bytes).metadataProps).toMatchObject([{ key: 'labels', value: '["a","b"]' }]);
    const single = onnx.ModelProto.decode(exportOnnx(model, { dynamicBatch: false }));
    expect(Number(single.graph!.input![0]!.type!.tensorType!.shape!.dim![0]!.dimValue)).toBe(1);
  });

  test.each([
    ['ONNX_EXPORT_KERNEL', (x: tf.Tensor) => ({ y: tf.unique(tf.reshape(x, [-1])).values })],
    ['ONNX_EXPORT_READ_INSIDE', (x: tf.Tensor) => ({ y: tf.scalar(tf.sum(x).dataSync()[0]!) })],
    ['ONNX_EXPORT_NOT_BATCH_FREE', (x: tf.Tensor) => ({ y: tf.add(x, tf.scalar(x.shape[0])) })],
    ['ONNX_EXPORT_OUTPUT', () => ({})],
  ])('names what cannot be exported: %s', (code, fn: (x: tf.Tensor) => Record<string, tf.Tensor>) => {
    expect(() => exportOnnx((x) => fn(x), rows, { outputs: ['y'] })).toThrow(
      expect.objectContaining({ code }) as Error,
    );
  });

  test('says which kernel has no lowering', () => {
    expect(() => exportOnnx((x) => ({ y: tf.unique(tf.reshape(x, [-1])).values }), rows)).toThrow('The kernel Unique');
  });

  test('refuses what is no model', () => {
    expect(() => exportOnnx({ inputs: [] } as never)).toThrow(
      expect.objectContaining({ code: 'ONNX_EXPORT_MODEL' }) as Error,
    );
  });

  test('refuses free dimensions other than the first', () => {
    const inputs = [{ name: 'x', shape: [-1, -1], dtype: 'float32' as const }];
    expect(() => exportOnnx((x) => ({ y: x }), inputs)).toThrow(
      expect.objectContaining({ code: 'ONNX_EXPORT_FREE_DIMENSIONS' }) as Error,
    );
  });

  test('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    exportOnnx((x) => ({ y: tf.relu(tf.neg(x)) }), rows);
    expect(tf.memory().numTensors).toBe(before);
  });
});
