import * as tf from '@tensorflow/tfjs-core';
import { onnx } from 'onnx-proto';
import { seededRandom } from 'seeded-random';
import { exportOnnx, importOnnx, registerOnnxBackend } from 'tfjs-backend-onnx';
import { EXAMPLES } from './models';
import type { Example } from './models';

const BATCH = 2;

const backend = registerOnnxBackend({ threads: 1 });
beforeAll(() => tf.setBackend('onnx'));
afterAll(() => {
  backend.dispose();
});

function randomInputs({ inputs }: Example): tf.Tensor[] {
  const random = seededRandom(7);
  return inputs.map(({ shape, dtype }) => {
    const sizes = shape.map((size) => (size === -1 ? BATCH : size));
    const values = Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, () =>
      dtype === 'int32' ? Math.floor(random.uniform() * 11) : 2 * random.normal(),
    );
    return tf.tensor(values, sizes, dtype);
  });
}

function expectEqual(actual: tf.Tensor, expected: tf.Tensor): void {
  expect([actual.shape, actual.dtype]).toEqual([expected.shape, expected.dtype]);
  const [found, wanted] = [Array.from(actual.dataSync()), Array.from(expected.dataSync())];
  const scale = Math.max(1, ...wanted.map(Math.abs));
  const worst = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!) / scale), 0);
  expect(worst).toBeLessThan(1e-6);
}

describe('a model exported and imported again', () => {
  test.each(Object.entries(EXAMPLES))('answers the same: %s', async (_, make) => {
    const example = make();
    const given = randomInputs(example);
    const expected = example.answer(...given);
    const model = await importOnnx(example.toOnnx());
    expect(model.inputs).toEqual(example.inputs);
    const actual = model.execute(given);
    expect(Object.keys(actual)).toEqual(Object.keys(expected));
    for (const [name, y] of Object.entries(expected)) expectEqual(actual[name]!, y);
    model.dispose();
  });

  test('exports to a model that answers the same once more', async () => {
    const example = EXAMPLES['convolutions in two dimensions']!();
    const given = randomInputs(example);
    const first = await importOnnx(example.toOnnx());
    const second = await importOnnx(exportOnnx(first, { metadata: first.metadata }));
    expectEqual(second.execute(given)['y']!, example.answer(...given)['y']!);
  });

  test('keeps labels, lineage and a preprocessing', () => {
    const { metadataProps } = onnx.ModelProto.decode(EXAMPLES['a perceptron with preprocessing']!().toOnnx());
    expect(metadataProps.map(({ key, value }) => [key, value])).toEqual([
      ['labels', '["a","b","c","d"]'],
      ['lineage', '{"commit":"abc"}'],
    ]);
  });
});
