import * as tf from '@tensorflow/tfjs-core';
import { registerOnnxBackend } from '..';
import type { OnnxBackend } from '..';

async function use(strict: boolean): Promise<OnnxBackend> {
  const backend = registerOnnxBackend({ threads: 1, strict });
  await tf.setBackend('onnx');
  return backend;
}
afterEach(() => {
  tf.removeBackend('onnx');
});

describe('a kernel without an ONNX lowering', () => {
  test('is run by tfjs-cpu and counted', async () => {
    const backend = await use(false);
    const { values } = tf.unique(tf.tensor1d([3, 1, 3, 1], 'int32'));
    expect([...values.dataSync()]).toEqual([3, 1]);
    expect([...backend.fallbacks]).toEqual([['Unique', 1]]);
  });

  test('is refused in strict mode, with its name, why, and what to do', async () => {
    await use(true);
    expect(() => tf.unique(tf.tensor1d([1, 1]))).toThrow(
      expect.objectContaining({
        code: 'ONNX_BACKEND_FALLBACK',
        message: 'tfjs-cpu would have to compute Unique of float32[2]: the shape of its result depends on values',
        hint: expect.stringMatching(/other operations.*README.*without `strict`/) as string,
      }) as Error,
    );
    expect(() => tf.complex([1], [2])).toThrow('Complex of float32[1], float32[1]');
  });

  test('strict mode leaves everything else alone, also without elements', async () => {
    const backend = await use(true);
    const none = tf.tensor2d([], [0, 3]);
    expect(tf.relu(tf.matMul(none, tf.ones([3, 2]))).shape).toEqual([0, 2]);
    expect([...tf.relu(tf.tensor1d([-1, 2])).dataSync()]).toEqual([0, 2]);
    expect(backend.fallbacks.size).toBe(0);
  });
});

describe('complex numbers', () => {
  test('are held as their parts and computed on by tfjs-cpu', async () => {
    await use(false);
    const product = tf.mul(tf.complex([1, 2], [3, 4]), tf.complex([5, 6], [7, 8]));
    // (1+3i)(5+7i) = -16+22i, (2+4i)(6+8i) = -20+40i
    expect([...(await tf.real(product).data())]).toEqual([-16, -20]);
    expect([...product.dataSync()]).toEqual([-16, 22, -20, 40]);
  });

  test('leave nothing behind', async () => {
    const backend = await use(false);
    const before = backend.numDataIds();
    tf.tidy(() => tf.real(tf.spectral.fft(tf.complex([1, 2], [3, 4]))).dataSync());
    expect(backend.numDataIds()).toBe(before);
  });

  test('move between backends with both parts', async () => {
    await use(false);
    const z = tf.complex([1, 2], [3, 4]);
    await tf.setBackend('cpu');
    expect([...(await z.data())]).toEqual([1, 3, 2, 4]);
  });
});
