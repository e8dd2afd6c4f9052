import * as tf from '@tensorflow/tfjs-core';
import { registerOnnxBackend } from '..';

const backend = registerOnnxBackend({ threads: 1, pendingKernels: 50 });
beforeAll(() => tf.setBackend('onnx'));
afterAll(() => {
  backend.dispose();
});

const runs = (): number => backend.statistics.runs;

describe('the onnx backend', () => {
  test('runs everything recorded in one piece of synchronous code as one graph', async () => {
    const before = runs();
    const x = tf.tensor1d([1, 2, 3]);
    const [doubled, squared] = [tf.mul(x, 2), tf.square(x)];
    expect([...(await doubled.data()), ...(await squared.data())]).toEqual([2, 4, 6, 1, 4, 9]);
    expect(runs() - before).toBe(1);
  });

  test('computes what nobody reads too, in a microtask, so that graphs do not grow for ever', async () => {
    const before = runs();
    const sum = tf.add(tf.scalar(1), 2);
    await Promise.resolve();
    await Promise.resolve();
    expect(runs() - before).toBe(1);
    expect(sum.dataSync()[0]).toBe(3);
  });

  test('computes along the way in a long synchronous loop', () => {
    const before = runs();
    const result = tf.tidy(() => {
      let x: tf.Tensor = tf.scalar(0);
      for (let i = 0; i < 220; i++) x = tf.add(x, 1);
      return x;
    });
    expect(result.dataSync()[0]).toBe(220);
    expect(runs() - before).toBeGreaterThan(3);
  });

  test('reads the values an array had when the tensor was made, not what became of it', () => {
    const batch = Float32Array.of(1, 2);
    const sum = tf.sum(tf.tensor1d(batch));
    batch.fill(100);
    expect(sum.dataSync()[0]).toBe(3);
  });

  test('brings the gradients of TF.js along', () => {
    expect(
      tf
        .grad((x) => tf.square(x))(tf.scalar(3))
        .dataSync()[0],
    ).toBe(6);
  });

  test('says in tf.memory() what compiled graphs hold, as an estimate', () => {
    tf.tidy(() => tf.sum(tf.relu(tf.ones([1000])))).dataSync();
    const memory = tf.memory() as tf.MemoryInfo & { compiledGraphs: number; numBytesInGraphs: number };
    expect(memory.compiledGraphs).toBeGreaterThan(0);
    expect(memory.numBytesInGraphs).toBeGreaterThan(4000);
    expect(memory.reasons).toEqual([expect.stringContaining('estimate')]);
  });

  test('takes over tensors made on another backend', async () => {
    await tf.setBackend('cpu');
    const weights = tf.tensor1d([1, 2]);
    await tf.setBackend('onnx');
    expect([...tf.mul(weights, 3).dataSync()]).toEqual([3, 6]);
  });

  test('keeps strings, and tensors without elements', () => {
    expect(tf.tensor1d(['a', 'b']).dataSync()).toEqual(['a', 'b']);
    expect(tf.sum(tf.zeros([0, 3]), 0).arraySync()).toEqual([0, 0, 0]);
  });

  test('lets go of tensors and their data', () => {
    const before = [tf.memory().numTensors, backend.numDataIds()];
    tf.tidy(() => tf.sum(tf.square(tf.reshape(tf.tensor1d([1, 2, 3, 4]), [2, 2])), 0).dataSync());
    expect([tf.memory().numTensors, backend.numDataIds()]).toEqual(before);
  });

  test('explains what each kernel became', () => {
    backend.dispose();
    tf.relu(tf.tensor1d([1])).dataSync();
    expect(backend.explain()).toEqual([[{ kernel: 'Relu', shape: [1], lowering: 'portable' }]]);
  });
});

test('computes along the way in a loop over data too, so that batches long used do not pile up', async () => {
  const bounded = registerOnnxBackend({ threads: 1, pendingBytes: 10_000 });
  await tf.setBackend('onnx');
  const sums = Array.from({ length: 30 }, (_, i) =>
    tf.tidy(() => tf.sum(tf.add(tf.tensor1d(new Float32Array(1000).fill(i)), 1))),
  );
  expect(bounded.statistics.runs).toBeGreaterThan(5);
  expect(sums.map((sum) => sum.dataSync()[0])).toEqual(sums.map((_, i) => 1000 * (i + 1)));
});
