import * as tf from '@tensorflow/tfjs-core';
import { seededRandom } from 'seeded-random';
import { registerOnnxBackend } from '..';

const backend = registerOnnxBackend({ threads: 1 });
beforeAll(() => tf.setBackend('onnx'));
afterEach(() => {
  tf.disposeVariables();
});
afterAll(() => {
  backend.dispose();
});

const values = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

/** Logistic regression by momentum: variables read and assigned, and made in the first step. */
function regression(): { weights: tf.Variable; step: (x: tf.Tensor2D, y: tf.Tensor1D) => tf.Scalar } {
  const weights = tf.variable(tf.tensor1d([0.1, -0.2, 0.3]), true, `weights${Math.random()}`);
  const optimizer = tf.train.momentum(0.5, 0.9);
  const loss = (x: tf.Tensor2D, y: tf.Tensor1D): tf.Scalar =>
    tf.losses.sigmoidCrossEntropy(y, tf.dot(x, weights) as tf.Tensor1D);
  return { weights, step: (x, y) => optimizer.minimize(() => loss(x, y), true, [weights])! };
}

function batch(seed: number, size = 8): [tf.Tensor2D, tf.Tensor1D] {
  const random = seededRandom(seed);
  const x = tf.tensor2d(Float32Array.from({ length: 3 * size }, random.normal), [size, 3]);
  return [x, tf.tensor1d(Float32Array.from({ length: size }, () => Math.round(random.uniform())))];
}

describe('a compiled function', () => {
  test('gives what the function gives, and is not called any more once it has been recorded twice', () => {
    let calls = 0;
    const normalized = backend.compile((x: tf.Tensor) => {
      calls++;
      const { mean, variance } = tf.moments(x);
      return { y: tf.div(tf.sub(x, mean), tf.sqrt(variance)), extremes: [tf.min(x), tf.max(x)] as const };
    });
    for (let i = 1; i <= 5; i++) {
      const { y, extremes } = normalized(tf.tensor1d([i, 2 * i, 3 * i]));
      expect(values(y).map((value) => value.toFixed(3))).toEqual(['-1.225', '0.000', '1.225']);
      expect(extremes.flatMap(values)).toEqual([i, 3 * i]);
    }
    expect([calls, normalized.timesRecorded]).toEqual([2, 2]);
  });

  test('trains bit for bit as the function does by itself, in one run of one graph a step', () => {
    const plain = regression();
    const expected = [1, 2, 3, 4, 5, 6].map((seed) => values(plain.step(...batch(seed)))[0]!);
    const inside = regression();
    const step = backend.compile(inside.step);
    const losses = [1, 2, 3, 4, 5, 6].map((seed) => {
      const before = backend.statistics.runs;
      const loss = values(step(...batch(seed)))[0]!;
      expect(backend.statistics.runs - before).toBe(1);
      return loss;
    });
    expect(losses).toEqual(expected);
    expect(values(inside.weights)).toEqual(values(plain.weights));
    // The first call made the momentum's variables.
    expect(step.timesRecorded).toBe(3);
  });

  test('reads variables that were assigned outside, and keeps what others hold of their data', () => {
    const offset = tf.variable(tf.tensor1d([1]));
    const kept = offset.clone();
    const bump = backend.compile((x: tf.Tensor) => {
      const sum = tf.add(x, offset);
      offset.assign(tf.add(offset, 1));
      return sum;
    });
    const results = [0, 0, 0, 0].map((zero) => values(bump(tf.tensor1d([zero])))[0]);
    offset.assign(tf.tensor1d([10]));
    expect([...results, values(bump(tf.tensor1d([0])))[0]]).toEqual([1, 2, 3, 4, 10]);
    expect([values(kept), values(offset)]).toEqual([[1], [11]]);
  });

  test('records once more for other shapes and other plain arguments', () => {
    const scaled = backend.compile((x: tf.Tensor, factor: number) => tf.mul(x, factor));
    for (let i = 0; i < 3; i++) {
      expect(values(scaled(tf.tensor1d([1, 2]), 2))).toEqual([2, 4]);
      expect(values(scaled(tf.tensor1d([1, 2]), 3))).toEqual([3, 6]);
      expect(values(scaled(tf.tensor1d([1, 2, 3]), 2))).toEqual([2, 4, 6]);
    }
    expect(scaled.timesRecorded).toBe(6);
  });

  test('takes arguments that are not computed yet, and returns arguments and variables as they are', () => {
    const bias = tf.variable(tf.tensor1d([5]));
    const both = backend.compile((x: tf.Tensor) => [x, bias, tf.add(x, bias)]);
    for (let i = 0; i < 4; i++) {
      const results = both(tf.add(tf.tensor1d([i]), 1));
      expect(results.map((tensor) => values(tensor)[0])).toEqual([i + 1, 5, i + 6]);
    }
  });

  test('follows numbers it is told to depend on, and constants that were disposed', () => {
    let rate = 1;
    let constant = tf.scalar(100);
    const scaled = backend.compile((x: tf.Tensor) => tf.add(tf.mul(x, rate), constant), { dependsOn: () => rate });
    const at = (): number => values(scaled(tf.tensor1d([1])))[0]!;
    expect([at(), at(), at()]).toEqual([101, 101, 101]);
    rate = 2;
    expect([at(), at(), at()]).toEqual([102, 102, 102]);
    constant.dispose();
    constant = tf.scalar(200);
    expect([at(), at(), at()]).toEqual([202, 202, 202]);
  });

  test('is recorded at each call, and says so, where the function makes random numbers', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue(undefined);
    const noisy = backend.compile((x: tf.Tensor) => tf.add(x, tf.randomUniform([1])));
    const results = new Set([0, 0, 0, 0].map((zero) => values(noisy(tf.tensor1d([zero])))[0]));
    expect([results.size, noisy.timesRecorded]).toEqual([4, 4]);
    expect(warn.mock.calls).toEqual([[expect.stringContaining('random'), { code: 'ONNX_COMPILE_NOT_CONSTANT' }]]);
    warn.mockRestore();
  });

  test('refuses to read a tensor, and leaves variables as they were', () => {
    const counter = tf.variable(tf.scalar(1));
    const peeks = backend.compile((x: tf.Tensor) => {
      counter.assign(tf.add(counter, 1));
      return tf.mul(x, tf.sum(x).dataSync()[0]!);
    });
    expect(() => peeks(tf.tensor1d([1, 2]))).toThrow(
      expect.objectContaining({ code: 'ONNX_COMPILE_READ_INSIDE' }) as Error,
    );
    expect(values(counter)).toEqual([1]);
  });

  test('is simply called inside of gradients and of another compiled function', () => {
    const cube = backend.compile((x: tf.Tensor) => tf.mul(x, tf.square(x)));
    const slope = backend.compile((x: tf.Tensor) => tf.grad((z) => cube(z))(x));
    for (let i = 0; i < 4; i++) expect(values(slope(tf.scalar(2)))).toEqual([12]);
    expect([cube.timesRecorded, slope.timesRecorded]).toEqual([0, 2]);
  });

  test('leaves no tensor behind but its results', () => {
    const { step } = regression();
    const compiled = backend.compile(step);
    const [x, y] = batch(1);
    const run = (): void => {
      compiled(x, y).dispose();
    };
    for (let i = 0; i < 3; i++) run();
    const before = [tf.memory().numTensors, backend.numDataIds()];
    for (let i = 0; i < 20; i++) run();
    expect([tf.memory().numTensors, backend.numDataIds()]).toEqual(before);
  });

  test('explains itself, and starts anew after dispose', () => {
    const doubled = backend.compile((x: tf.Tensor) => tf.mul(x, 2));
    doubled(tf.tensor1d([1]));
    expect(doubled.explain().rows()).toEqual([{ kernel: 'Multiply', shape: '1', lowering: 'portable', count: 1 }]);
    doubled.dispose();
    expect(doubled.explain()).toHaveLength(0);
    expect(values(doubled(tf.tensor1d([2])))).toEqual([4]);
  });
});
