import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { seededRandom } from 'seeded-random';
import { registerOnnxBackend } from 'tfjs-backend-onnx';
import { describeWithPython } from '../present';
import { EXAMPLES, LOWEST_OPSETS } from './models';
import type { Example } from './models';

const opsetsOf = (name: string): number[] =>
  [18, 19, 20, 21, 22].filter((opset) => opset >= (LOWEST_OPSETS[name] ?? 18));
const BATCHES = [1, 3];

type Answer = { name: string; opset?: number; worst?: number; error?: string };

describeWithPython(['onnx', 'onnxruntime', 'numpy'], 'an exported model in Python', (python) => {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-python-'));
  const backend = registerOnnxBackend({ threads: 1 });
  const answers = new Map<string, Answer>();

  beforeAll(async () => {
    await tf.setBackend('onnx');
    const entries = [];
    for (const [name, make] of Object.entries(EXAMPLES)) {
      try {
        entries.push(...writeExample(folder, name, make()));
      } catch (error) {
        for (const opset of opsetsOf(name)) answers.set(`${name}, opset ${opset}`, { name, error: String(error) });
      }
    }
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(entries));
    const lines = execFileSync(python, [join(__dirname, 'check_models.py'), folder], { encoding: 'utf8' });
    for (const line of lines.trim().split('\n')) {
      const answer = JSON.parse(line) as Answer;
      answers.set(answer.name, answer);
    }
    expect([...backend.fallbacks]).toEqual([]);
  }, 120_000);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
    backend.dispose();
  });

  test.each(Object.keys(EXAMPLES).flatMap((name) => opsetsOf(name).map((opset) => [name, opset] as const)))(
    'passes the checker and gives what TF.js gives: %s, opset %i',
    (name, opset) => {
      const answer = answers.get(`${name}, opset ${opset}`);
      expect(answer?.error).toBeUndefined();
      expect(answer?.opset).toBe(opset);
      expect(answer?.worst).toBeLessThan(1e-5);
    },
  );
});

const fileName = (text: string): string => text.replaceAll(/\W+/g, '-');

/** The model at every opset, and what the backend answers at every size of batch. */
function writeExample(folder: string, name: string, example: Example) {
  const cases = BATCHES.map((batch) => writeCase(folder, name, example, batch));
  return opsetsOf(name).map((opset) => {
    const entry = `${name}, opset ${opset}`;
    const model = `${fileName(entry)}.onnx`;
    writeFileSync(join(folder, model), example.toOnnx({ opset }));
    return { name: entry, model, cases };
  });
}

/** Random inputs for one size of batch, and what the backend makes of them, as files. */
function writeCase(folder: string, name: string, { inputs, answer }: Example, batch: number) {
  const random = seededRandom(batch);
  const write = (port: string, x: tf.Tensor) => {
    const file = fileName(`${name}-${batch}-${port}.bin`);
    writeFileSync(join(folder, file), x.dataSync());
    return { name: port, shape: x.shape, dtype: x.dtype, file };
  };
  return tf.tidy(() => {
    const given = inputs.map(({ shape, dtype }) => {
      const sizes = shape.map((size) => (size === -1 ? batch : size));
      const count = sizes.reduce((a, b) => a * b, 1);
      return dtype === 'int32'
        ? tf.tensor(
            Int32Array.from({ length: count }, () => Math.floor(random.uniform() * 11)),
            sizes,
            'int32',
          )
        : tf.tensor(
            Float32Array.from({ length: count }, () => 2 * random.normal()),
            sizes,
          );
    });
    return {
      inputs: given.map((x, i) => write(inputs[i]!.name, x)),
      outputs: Object.entries(answer(...given)).map(([port, y]) => write(port, y)),
    };
  });
}
