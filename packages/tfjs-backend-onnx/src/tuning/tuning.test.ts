import * as tf from '@tensorflow/tfjs-core';
import { Tensor } from 'quiet-onnxruntime';
import { seededRandom } from 'seeded-random';
import { checkTuned, exportOnnx, registerOnnxBackend, TunedSession, tuneOnnx } from '..';
import { blockSize } from '../session';

const SHAPE = [6, 8, 8];

const backend = registerOnnxBackend({ threads: 1 });
beforeAll(() => tf.setBackend('onnx'));
afterAll(() => {
  backend.dispose();
});

const random = seededRandom(1);
const values = (count: number): Float32Array => Float32Array.from({ length: count }, random.normal);
const VOXELS = SHAPE.reduce((a, b) => a * b);

/** Two convolutions of 3×3×3 and a pool: what blocked kernels are for. */
function portable(): Uint8Array<ArrayBuffer> {
  const filter = (inner: number, outer: number): tf.Tensor5D =>
    tf.tensor5d(values(27 * inner * outer), [3, 3, 3, inner, outer]);
  const [first, second] = [filter(1, 8), filter(8, 16)];
  return exportOnnx(
    (x) => {
      const image = tf.reshape<tf.Rank.R5>(x, [x.shape[0], ...SHAPE, 1] as [number, number, number, number, number]);
      const hidden = tf.relu<tf.Tensor5D>(tf.add(tf.conv3d(image, first, 1, 'same'), 0.1));
      const pooled = tf.maxPool3d(tf.relu(tf.conv3d(hidden, second, 1, 'same')), 2, 2, 'valid');
      return { y: tf.mean(pooled, [1, 2, 3]) };
    },
    [{ name: 'x', shape: [-1, 1, ...SHAPE], dtype: 'float32' }],
  );
}

const feed = (rows: number): Tensor => new Tensor('float32', values(rows * VOXELS), [rows, 1, ...SHAPE]);

function largestDifference(a: Tensor, b: Tensor): number {
  const [left, right] = [a.data as Float32Array, b.data as Float32Array];
  return Math.max(...left.map((value, i) => Math.abs(value - right[i]!))) / Math.max(...right.map(Math.abs));
}

describe('a model tuned for this CPU', () => {
  test('answers batches of any size as the portable one does, and uses blocked kernels where the CPU has them', async () => {
    if (blockSize() === null) return;
    const model = portable();
    const graphs = tuneOnnx(model, { batchSizes: [1, 4] });
    const lowerings = graphs.map(({ lowered }) => lowered.map(({ lowering }) => lowering));
    for (const names of lowerings) expect(names.some((name) => name.startsWith('blocked'))).toBe(true);
    await checkTuned(model, graphs, { cases: [{ x: values(VOXELS) }, { x: values(VOXELS) }], threads: 1 });

    const [plain, tuned] = [await TunedSession.load(model), await TunedSession.load(model)];
    await tuned.adopt(graphs);
    expect([plain.batchSizes, tuned.batchSizes]).toEqual([[], [1, 4]]);
    for (const rows of [1, 3, 4, 5, 9]) {
      const x = feed(rows);
      const [expected, actual] = [await plain.run({ x }), await tuned.run({ x })];
      expect(actual['y']!.dims).toEqual([rows, 16]);
      expect(largestDifference(actual['y']!, expected['y']!)).toBeLessThan(1e-5);
    }
    await plain.release();
    await tuned.release();
  });

  test('is refused where it answers otherwise', async () => {
    if (blockSize() === null) return;
    const [graph] = tuneOnnx(portable(), { batchSizes: [2] });
    // Other weights: portable() draws new ones every time.
    await expect(checkTuned(portable(), [graph!], { cases: [{ x: values(VOXELS) }] })).rejects.toMatchObject({
      code: 'ONNX_TUNE_DIFFERS',
    });
  });

  test('is refused where the model has no free batch', () => {
    const bytes = exportOnnx((x) => ({ y: tf.relu(x) }), [{ name: 'x', shape: [2, 3], dtype: 'float32' }]);
    expect(() => tuneOnnx(bytes)).toThrow(expect.objectContaining({ code: 'ONNX_TUNE_FIXED_BATCH' }) as Error);
  });
});
