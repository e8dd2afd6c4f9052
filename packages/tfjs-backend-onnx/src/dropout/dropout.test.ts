import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { SeededDropout, dropout, registerOnnxBackend } from '..';
import { dropoutMask } from './mask';

const backend = registerOnnxBackend({ threads: 1, strict: true });
beforeEach(() => tf.setBackend('onnx'));
afterAll(() => {
  backend.dispose();
});

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

describe('dropout', () => {
  test('drops the same of the same seed and call, on this backend and on tfjs-cpu', async () => {
    const given = fc.record({
      shape: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
      rate: fc.double({ min: 0, max: 0.99, noNaN: true }),
      seed: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      call: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    });
    await fc.assert(
      fc.asyncProperty(given, async ({ shape, rate, ...where }) => {
        const run = async (name: string): Promise<number[]> => {
          await tf.setBackend(name);
          return [...(await dropout(tf.ones(shape), rate, where).data())];
        };
        expect(await run('onnx')).toEqual(await run('cpu'));
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  test('drops its share, and keeps the mean', () => {
    for (const rate of [0.1, 0.5, 0.9]) {
      const mask = dropoutMask(3, 1, 200_001, rate);
      expect(mask.length).toBe(200_001);
      expect(mask.filter((value) => value === 0).length / mask.length).toBeCloseTo(rate, 2);
      expect(mean(mask)).toBeCloseTo(1, 1);
    }
  });

  test('drops independently: of calls, of seeds, of neighbours and of the two halves', () => {
    const size = 100_000;
    const centred = (seed: number, call: number): Float32Array => dropoutMask(seed, call, size, 0.5).map((v) => v - 1);
    const correlation = (a: Float32Array, b: Float32Array): number => mean(a.map((value, i) => value * b[i]!));
    const mask = centred(7, 100);
    for (const other of [centred(7, 101), centred(8, 100), centred(7, 100 + 2 ** 16), centred(100, 7)]) {
      expect(Math.abs(correlation(mask, other))).toBeLessThan(0.015);
    }
    for (const by of [1, 2, 3, 16, 256, size / 2]) {
      expect(Math.abs(correlation(mask.subarray(by), mask.subarray(0, size - by)))).toBeLessThan(0.02);
    }
  });

  test('with the number of the call as a tensor compiles once for all calls', () => {
    const before = backend.statistics.compiles;
    const results = [0, 1, 2].map((call) =>
      dropout(tf.ones([64]), 0.5, { seed: 1, call: tf.scalar(call, 'int32') }).arraySync(),
    );
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(3);
    expect(backend.statistics.compiles - before).toBe(1);
  });

  test('passes gradients to what it kept, in the same scale', () => {
    const where = { seed: 2, call: 5 };
    const gradient = tf.grad((x) => dropout(x, 0.25, where))(tf.zeros([40]));
    expect([...gradient.dataSync()]).toEqual([...dropout(tf.ones([40]), 0.25, where).dataSync()]);
  });

  test('drops together what the noise shape says', () => {
    const rows = dropout(tf.ones([20, 3]), 0.5, { seed: 1, call: 0, noiseShape: [null, 1] }).arraySync() as number[][];
    expect(rows.every((row) => row[0] === row[1] && row[1] === row[2])).toBe(true);
    expect(new Set(rows.map(([value]) => value))).toEqual(new Set([0, 2]));
  });

  test('refuses a rate that drops everything', () => {
    expect(() => dropout(tf.ones([2]), 1, { seed: 1, call: 0 })).toThrow(
      expect.objectContaining({ code: 'ONNX_DROPOUT_RATE' }) as Error,
    );
  });
});

describe('the layer SeededDropout', () => {
  const build = (): { model: tfl.Sequential; drop: SeededDropout } => {
    const drop = new SeededDropout({ rate: 0.5, seed: 9 });
    const dense = (units: number, inputShape?: number[]): tfl.layers.Layer =>
      tfl.layers.dense({ units, kernelInitializer: 'ones', ...(inputShape && { inputShape }) });
    const model = tfl.sequential({ layers: [dense(16, [4]), drop, dense(1)] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    return { model, drop };
  };
  const step = async (model: tfl.Sequential): Promise<number> =>
    (await model.trainOnBatch(tf.ones([2, 4]), tf.zeros([2, 1]))) as number;

  test('lets a resumed training go on as if it had not stopped', async () => {
    const { model } = build();
    const straight = [await step(model), await step(model), await step(model)];

    const before = build();
    const interrupted = [await step(before.model), await step(before.model)];
    const after = build();
    after.model.setWeights(before.model.getWeights());
    after.drop.calls = 2;
    expect([...interrupted, await step(after.model)]).toEqual(straight);
  });

  test('drops nothing outside of training, and survives being saved', () => {
    const { model, drop } = build();
    expect([...(model.predict(tf.ones([1, 4])) as tf.Tensor).dataSync()]).toEqual([64]);
    const copy = SeededDropout.fromConfig(SeededDropout, drop.getConfig());
    expect(copy.getConfig()).toEqual(drop.getConfig());
  });
});
