import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { InferenceSession, Tensor } from 'quiet-onnxruntime';
import { describeWithSharedData } from '../present';
import { exportOnnx, registerOnnxBackend } from '../../packages/tfjs-backend-onnx/src';
import { classify, trainedParameters } from '../../packages/tfjs-backend-onnx/tests/luna-model';
import { readNpz } from './npz';

const SHAPE = [6, 1, 32, 48, 48];

describeWithSharedData('a LunaModel that others trained on LUNA16', (data) => {
  const folder = join(data, 'lunamodel');
  const reference = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as {
    logits: number[][];
    probabilities: number[][];
  };
  const hounsfield = new Int16Array(new Uint8Array(readFileSync(join(folder, 'patches.i16'))).buffer);
  const patches = Float32Array.from(hounsfield);
  const backend = registerOnnxBackend({ threads: 2 });
  let trained: ReturnType<typeof trainedParameters>;
  let model: Uint8Array;

  beforeAll(async () => {
    await tf.setBackend('onnx');
    trained = trainedParameters(readNpz(join(folder, 'weights.npz')));
    const signature = [{ name: 'patch', shape: [-1, 1, 32, 48, 48], dtype: 'float32' as const }];
    model = exportOnnx((patch) => classify(patch, trained, trained.statistics), signature, {
      outputs: ['logits', 'probabilities'],
      metadata: { labels: '["non-nodule","nodule"]' },
    });
  });
  afterAll(() => {
    backend.dispose();
  });

  function expectReference(logits: ArrayLike<number>, probabilities: ArrayLike<number>, from = 0): void {
    const expected = reference.logits.flat().slice(2 * from);
    for (let i = 0; i < logits.length; i++) expect(Math.abs(logits[i]! - expected[i]!)).toBeLessThan(1e-4);
    const chances = reference.probabilities.flat().slice(2 * from);
    for (let i = 0; i < logits.length; i++) expect(Math.abs(probabilities[i]! - chances[i]!)).toBeLessThan(1e-5);
  }

  test('answers as PyTorch does, through TF.js on this engine', async () => {
    const { logits, probabilities } = tf.tidy(() => classify(tf.tensor(patches, SHAPE), trained, trained.statistics));
    expectReference(await logits.data(), await probabilities.data());
    expect([...backend.fallbacks]).toEqual([]);
  });

  test('answers as PyTorch does, exported to ONNX, with any batch', async () => {
    const session = await InferenceSession.create(model);
    expect(session.inputNames).toEqual(['patch']);
    expect(session.outputNames).toEqual(['logits', 'probabilities']);
    for (const from of [0, 5]) {
      const feed = new Tensor('float32', patches.slice(from * 73728), [6 - from, 1, 32, 48, 48]);
      const { logits, probabilities } = await session.run({ patch: feed });
      expect(logits!.dims).toEqual([6 - from, 2]);
      expectReference(logits!.data as Float32Array, probabilities!.data as Float32Array, from);
    }
    await session.release();
  });

  test('exports to the same bytes every time', () => {
    const signature = [{ name: 'patch', shape: [-1, 1, 32, 48, 48], dtype: 'float32' as const }];
    const again = exportOnnx((patch) => classify(patch, trained, trained.statistics), signature, {
      outputs: ['logits', 'probabilities'],
      metadata: { labels: '["non-nodule","nodule"]' },
    });
    expect(Buffer.compare(again, model)).toBe(0);
  });
});
