import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of TF.js's kernels.
import '@tensorflow/tfjs-layers';
import { exportOnnx, importOnnx, registerOnnxBackend } from 'tfjs-backend-onnx';
import { describeWithPython, describeWithSharedData } from '../present';

const backend = registerOnnxBackend({ threads: 1 });
beforeAll(() => tf.setBackend('onnx'));
afterAll(() => {
  backend.dispose();
});

interface Exported {
  name: string;
  x: number[];
  outputs: number[][];
}

const NETWORKS = ['residual-2d', 'residual-3d', 'decoder', 'attention', 'volume', 'line'];
const OPSETS = [11, 13, 16];

function readFloats(file: string): Float32Array {
  return new Float32Array(new Uint8Array(readFileSync(file)).buffer);
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(1, ...Array.from(expected, Math.abs));
  const worst = Math.max(...Array.from(expected, (value, i) => Math.abs(value - actual[i]!)));
  expect(worst / scale).toBeLessThan(tolerance);
}

describeWithPython(['torch', 'numpy'], 'a network exported by PyTorch', (python) => {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-torch-'));
  const exported = new Map<string, Exported>();

  beforeAll(() => {
    const lines = execFileSync(python, [join(__dirname, 'export_torch.py'), folder], { encoding: 'utf8' });
    for (const line of lines.split('\n').filter((text) => text.startsWith('{'))) {
      const network = JSON.parse(line) as Exported;
      exported.set(network.name, network);
    }
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(NETWORKS.flatMap((name) => OPSETS.map((opset) => [name, opset] as const)))(
    'answers in TF.js as in PyTorch, and lets gradients through: %s, opset %i',
    async (name, opset) => {
      const model = await importOnnx(join(folder, `${name}-${opset}.onnx`));
      const { x: shape, outputs } = exported.get(name)!;
      const x = tf.tensor(readFloats(join(folder, `${name}-x.f32`)), shape, model.inputs[0]!.dtype);
      const answer = model.predict(x);
      const list = Array.isArray(answer) ? answer : [answer];
      list.forEach((y, i) => {
        expect(y.shape).toEqual(outputs[i]);
        expectClose(y.dataSync(), readFloats(join(folder, `${name}-${i}.f32`)), 1e-5);
      });
      const trained = [...model.weights.values()].filter(({ trainable }) => trainable);
      const { grads } = tf.variableGrads(() => tf.sum(first(model.predict(x))), trained);
      for (const gradient of Object.values(grads)) expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
      expect(Object.keys(grads).length).toBe(trained.length);
      model.dispose();
    },
  );
});

const first = (answer: tf.Tensor | tf.Tensor[]): tf.Tensor => (Array.isArray(answer) ? answer[0]! : answer);

describeWithSharedData('the LunaModel that others trained and exported', (data) => {
  const folder = join(data, 'lunamodel');
  const { logits } = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as { logits: number[][] };
  const hounsfield = new Int16Array(new Uint8Array(readFileSync(join(folder, 'patches.i16'))).buffer);
  // That export has no clipping inside.
  const patches = Float32Array.from(hounsfield, (hu) => Math.min(1000, Math.max(-1000, hu)));

  test('answers in TF.js as in PyTorch, and learns in one step', async () => {
    const model = await importOnnx(join(folder, 'lunamodel.onnx'));
    const x = tf.tensor(patches, [6, 1, 32, 48, 48]);
    const found = (model.predict(x) as tf.Tensor[])[0]!;
    const expected = logits.flat();
    const values = found.dataSync();
    expect(Math.max(...expected.map((value, i) => Math.abs(value - values[i]!)))).toBeLessThan(1e-4);

    const labels = tf.oneHot(tf.tensor1d([0, 1, 0, 1, 0, 1], 'int32'), 2);
    const loss = () =>
      tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(labels, (model.predict(x) as tf.Tensor[])[0]!);
    const before = loss().dataSync()[0]!;
    const statistics = model.weights.get('tail_batchnorm.running_mean')!;
    const kept = [...statistics.dataSync()];
    tf.train.sgd(1e-3).minimize(loss);
    expect(loss().dataSync()[0]!).toBeLessThan(before);
    expect([...statistics.dataSync()]).toEqual(kept);
    model.dispose();
  });

  test('exports again, preprocessing included, to a model that answers as PyTorch does', async () => {
    const model = await importOnnx(join(folder, 'lunamodel.onnx'));
    const again = await importOnnx(exportOnnx(model, { preprocessing: (hu) => tf.clipByValue(hu, -1000, 1000) }));
    const found = again.execute(tf.tensor(Float32Array.from(hounsfield), [6, 1, 32, 48, 48]));
    expectClose(found['logits']!.dataSync(), logits.flat(), 1e-4);
    for (const { dispose } of [model, again]) dispose();
  });
});
