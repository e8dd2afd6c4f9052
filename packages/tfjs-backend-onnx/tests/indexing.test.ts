import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { registerOnnxBackend } from '../src';
import { anySeed, anyShape, expectAsOnCpu } from './against-cpu';
import type { Compute } from './against-cpu';

// Strict: whatever tfjs-cpu would have to answer fails its test.
const backend = registerOnnxBackend({ threads: 2, strict: true });
afterAll(() => {
  backend.dispose();
});

const RUNS = { numRuns: 6, seed: 1 };
const size = fc.integer({ min: 1, max: 5 });
const shapeOf = (rank: number) => fc.array(size, { minLength: rank, maxLength: rank });

/** Whole numbers in [0, below), computed from x, so that nobody knows them while they are recorded. */
const placesFrom = (x: tf.Tensor, below: number): tf.Tensor => tf.cast(tf.mod(tf.abs(tf.mul(x, 1000)), below), 'int32');

const flatten = (x: tf.Tensor): tf.Tensor1D => tf.reshape<tf.Rank.R1>(x, [-1]);

const law = <T>(given: fc.Arbitrary<T>, holds: (given: T, seed: number) => Promise<void>): Promise<void> =>
  fc.assert(fc.asyncProperty(given, anySeed, holds), RUNS);

describe('reading at places', () => {
  const gathering = fc
    .tuple(fc.integer({ min: 1, max: 4 }).chain(shapeOf), fc.nat(), fc.integer({ min: 1, max: 2 }).chain(shapeOf))
    .map(([shape, axis, places]) => ({ shape, axis: axis % shape.length, places }));

  test('gather, along any axis, with its gradient where a place is read more than once', async () => {
    await law(gathering, async ({ shape, axis, places }, seed) => {
      const below = shape[axis]!;
      const indices = Array.from({ length: tf.util.sizeFromShape(places) }, (_, i) => (i * 7 + seed) % below);
      const gather: Compute = (x) => tf.gather(x, tf.tensor(indices, places, 'int32'), axis);
      await expectAsOnCpu(gather, { shapes: [shape], seed });
    });
  });

  test('gather in batches', async () => {
    await law(fc.tuple(size, size, size, size, size), async ([batch, outer, inner, depth, count], seed) => {
      const gather: Compute = (x, y) => tf.gather(x, placesFrom(y, inner), 2, 1);
      await expectAsOnCpu(
        gather,
        {
          shapes: [
            [batch, outer, inner, depth],
            [batch, count],
          ],
          seed,
        },
        false,
      );
    });
  });

  test('gatherND, of elements and of slices', async () => {
    await law(fc.tuple(shapeOf(3), fc.integer({ min: 1, max: 3 }), size), async ([shape, depth, count], seed) => {
      const gather: Compute = (x, y) => {
        const axes = shape.slice(0, depth).map((below) => placesFrom(y, below));
        return tf.gatherND(x, tf.stack(axes, -1));
      };
      await expectAsOnCpu(gather, { shapes: [shape, [count]], seed }, false);
    });
  });

  test('topk, with the first of equal values first', async () => {
    await law(anyShape, async (shape, seed) => {
      const k = 1 + (seed % shape.at(-1)!);
      for (const part of ['values', 'indices'] as const) {
        const top: Compute = (x) => tf.topk(tf.round(x), k)[part];
        await expectAsOnCpu(top, { shapes: [shape], seed }, false);
      }
    });
  });

  test('searchSorted, from both sides', async () => {
    await law(fc.tuple(size, size), async ([n, m], seed) => {
      for (const side of ['left', 'right'] as const) {
        const search: Compute = (x, y) => {
          const sorted = tf.reverse(tf.topk(tf.round(tf.mul(x, 2)), n).values, -1);
          return tf.searchSorted(sorted, tf.round(tf.mul(y, 2)), side);
        };
        await expectAsOnCpu(
          search,
          {
            shapes: [
              [3, n],
              [3, m],
            ],
            seed,
          },
          false,
        );
      }
    });
  });
});

describe('writing at places', () => {
  test('scatterND adds what goes to one place, of elements and of slices, float and int', async () => {
    await law(fc.tuple(shapeOf(3), fc.integer({ min: 1, max: 3 }), size), async ([shape, depth, count], seed) => {
      const scatter: Compute = (updates, y) => {
        const indices = tf.stack(
          shape.slice(0, depth).map((below) => placesFrom(y, below)),
          -1,
        );
        const whole = tf.cast(tf.mul(updates, 10), 'int32');
        const sums = tf.scatterND(indices, updates, shape);
        return tf.add(sums, tf.cast(tf.scatterND(indices, whole, shape), 'float32'));
      };
      await expectAsOnCpu(scatter, { shapes: [[count, ...shape.slice(depth)], [count]], seed }, false);
    });
  });

  test('tensorScatterUpdate keeps the last of what goes to one place', async () => {
    await law(fc.tuple(shapeOf(2), size), async ([shape, count], seed) => {
      const update: Compute = (x, updates) => {
        const indices = tf.tensor2d(
          Array.from({ length: count }, (_, i) => (i * 3 + seed) % shape[0]!),
          [count, 1],
          'int32',
        );
        return tf.tensorScatterUpdate(x, indices, updates);
      };
      await expectAsOnCpu(update, { shapes: [shape, [count, shape[1]!]], seed }, false);
    });
  });

  test('sparseToDense', async () => {
    const dense: Compute = (values) =>
      tf.sparseToDense(tf.tensor2d([0, 1, 2, 3], [2, 2], 'int32'), values, [4, 5], tf.scalar(7));
    await expectAsOnCpu(dense, { shapes: [[2]], seed: 1 }, false);
  });

  test('unsortedSegmentSum and its gradient', async () => {
    await law(fc.tuple(shapeOf(2), size), async ([shape, segments], seed) => {
      const sum: Compute = (x) => {
        const ids = tf.tensor1d(
          Array.from({ length: shape[0]! }, (_, i) => (i * 5 + seed) % segments),
          'int32',
        );
        return tf.unsortedSegmentSum(x, ids, segments);
      };
      await expectAsOnCpu(sum, { shapes: [shape], seed });
    });
  });

  test.each([true, false])(
    'bincount and denseBincount pass over what is too large; weighted: %s',
    async (isWeighted) => {
      await law(fc.tuple(size, size), async ([rows, columns], seed) => {
        const count: Compute = (x) => {
          const places = placesFrom(x, 6);
          const weights = isWeighted ? (x as tf.Tensor2D) : tf.tensor2d([], [0, 0]);
          const flat = tf.bincount(flatten(places), isWeighted ? flatten(x) : tf.tensor1d([]), 4);
          return tf.concat([tf.reshape(flat, [1, 4]), tf.denseBincount(places as tf.Tensor2D, weights, 4)], 0);
        };
        await expectAsOnCpu(count, { shapes: [[rows, columns]], seed }, false);
      });
    },
  );

  test('denseBincount can say only what is there', async () => {
    const isThere: Compute = (x) => tf.denseBincount(placesFrom(x, 4) as tf.Tensor2D, tf.tensor2d([], [0, 0]), 4, true);
    await expectAsOnCpu(isThere, { shapes: [[3, 5]], seed: 2 }, false);
  });

  test('the sums are the same bits in every run, however many threads add', async () => {
    await tf.setBackend('onnx');
    const sum = (): number[] => {
      const x = tf.sin(tf.range(0, 200_000));
      return [...tf.unsortedSegmentSum(x, tf.zeros([200_000], 'int32'), 2).dataSync()];
    };
    expect(sum()).toEqual(sum());
  });
});

describe('walking in another way', () => {
  test('stridedSlice, forwards and backwards, masked', async () => {
    const walk = fc.record({
      begin: fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 3, maxLength: 3 }),
      end: fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 3, maxLength: 3 }),
      strides: fc.array(fc.constantFrom(1, 2, 3, -1, -2), { minLength: 3, maxLength: 3 }),
      beginMask: fc.integer({ min: 0, max: 7 }),
      endMask: fc.integer({ min: 0, max: 7 }),
    });
    await fc.assert(
      fc.asyncProperty(walk, anySeed, async ({ begin, end, strides, beginMask, endMask }, seed) => {
        const slice: Compute = (x) => tf.stridedSlice(x, begin, end, strides, beginMask, endMask);
        await expectAsOnCpu(slice, { shapes: [[4, 5, 3]], seed }, false);
      }),
      { numRuns: 20, seed: 1 },
    );
  });

  test('reverse and its gradient', async () => {
    await law(anyShape, async (shape, seed) => {
      const axes = shape.map((_, axis) => axis).filter((axis) => (seed >> axis) % 2 === 0);
      await expectAsOnCpu((x) => tf.reverse(x, axes), { shapes: [shape], seed });
    });
  });

  test('space to batch and back, with their gradients', async () => {
    await law(fc.tuple(size, size, size, fc.integer({ min: 1, max: 3 })), async ([batch, h, w, block], seed) => {
      const toBatch: Compute = (x) =>
        tf.spaceToBatchND(
          x,
          [block, block],
          [
            [0, (block - (h % block)) % block],
            [block, (block - (w % block)) % block],
          ],
        );
      const back: Compute = (x) =>
        tf.batchToSpaceND(
          toBatch(x),
          [block, block],
          [
            [0, 0],
            [1, 0],
          ],
        );
      const given = { shapes: [[batch, h, w, 2]], seed };
      await expectAsOnCpu(toBatch, given);
      await expectAsOnCpu(back, given);
    });
  });

  test('depthToSpace and diag', async () => {
    await expectAsOnCpu((x) => tf.depthToSpace(x as tf.Tensor4D, 2), { shapes: [[2, 3, 2, 8]], seed: 1 }, false);
    await expectAsOnCpu((x) => tf.diag(x), { shapes: [[2, 3]], seed: 1 }, false);
  });
});

describe('einsum', () => {
  test.each([
    ['ij,jk->ik', [2, 3], [3, 4]],
    ['ij,jk->ki', [2, 3], [3, 4]],
    ['bij,bjk->bik', [2, 3, 4], [2, 4, 5]],
    ['abcd,abed->abce', [2, 3, 4, 5], [2, 3, 6, 5]],
    ['acbe,aecd->abcd', [2, 3, 4, 5], [2, 5, 3, 2]],
    ['BTNH,BSNH->BNTS', [2, 3, 2, 4], [2, 5, 2, 4]],
    ['abc,cde->abde', [2, 3, 4], [4, 2, 3]],
    ['i,j->ij', [3], [4]],
    ['i,i->', [3], [3]],
    ['ij,j->i', [3, 4], [4]],
  ])('%s', async (equation, a, b) => {
    await expectAsOnCpu((x, y) => tf.einsum(equation, x, y), { shapes: [a, b], seed: 3 }, false);
  });

  test.each(['ij->ji', 'ij->i', 'ij->', 'ij->j'])('%s', async (equation) => {
    await expectAsOnCpu((x) => tf.einsum(equation, x), { shapes: [[3, 4]], seed: 3 }, false);
  });
});

describe('where TF.js itself is wrong', () => {
  // tfjs-cpu gives [4, 3] for this equation: it forgets to sum over j.
  test('einsum sums over what only one tensor has, and what both have', async () => {
    await tf.setBackend('onnx');
    const [x, y] = [tf.reshape(tf.range(0, 24), [2, 3, 4]), tf.reshape(tf.range(0, 12), [3, 4])];
    const expected = tf.sum(tf.mul(x, y), [0, 1]);
    expect([...tf.einsum('ijk,jk->k', x, y).dataSync()]).toEqual([...expected.dataSync()]);
  });
});

describe('running sums and products', () => {
  test.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('exclusive: %s, backwards: %s', async (exclusive, reverse) => {
    await law(anyShape, async (shape, seed) => {
      const axis = seed % shape.length;
      // TF.js itself gives the gradient along the last axis only.
      const isLast = axis === shape.length - 1;
      await expectAsOnCpu((x) => tf.cumsum(x, axis, exclusive, reverse), { shapes: [shape], seed }, isLast);
      await expectAsOnCpu((x) => tf.cumprod(x, axis, exclusive, reverse), { shapes: [shape], seed }, false);
      const whole: Compute = (x) => tf.cumprod(tf.cast(tf.mul(x, 2), 'int32'), axis, exclusive, reverse);
      await expectAsOnCpu(whole, { shapes: [shape], seed }, false);
    });
  });
});

describe('smaller kernels', () => {
  const plain: [string, Compute][] = [
    ['atan2', (x, y) => tf.atan2(x, y)],
    ['atan2 on the axes', (x) => tf.atan2(tf.sign(tf.round(x)), tf.add(tf.round(tf.reverse(x)), 0))],
    ['bitwiseAnd', (x, y) => tf.bitwiseAnd(placesFrom(x, 99), placesFrom(y, 99))],
    ['linspace', (x) => tf.mul(x, tf.linspace(0, 1, 6))],
    ['range downwards', (x) => tf.mul(x, tf.range(5, -1))],
    ['where of booleans', (x, y) => tf.where(tf.greater(x, 0), tf.greater(y, 0), tf.less(y, x))],
    ['max passes NaN on', (x) => tf.max(tf.log(x), 0)],
    ['argMax passes over NaN', (x) => tf.argMax(tf.concat([tf.ones([1, 6]), tf.log(x)], 0), 0)],
    ['sign of NaN', (x) => tf.sign(tf.log(x))],
    ['clip between infinities', (x) => tf.add(tf.clipByValue(x, -Infinity, 0), tf.clipByValue(x, 0, Infinity))],
    ['concat with nothing', (x) => tf.concat([tf.tensor2d([], [0, 6]), x as tf.Tensor2D], 0)],
    ['whole numbers divided', (x, y) => tf.div(tf.cast(tf.mul(x, 9), 'int32'), tf.cast(tf.mul(y, 3), 'int32'))],
    ['whole numbers: remainders', (x, y) => tf.mod(tf.cast(tf.mul(x, 9), 'int32'), tf.cast(tf.mul(y, 3), 'int32'))],
    ['remainders of large numbers', (x, y) => tf.mod(tf.mul(x, 1e7), tf.round(tf.mul(y, 5)))],
    ['floorDiv of floats', (x, y) => tf.floorDiv(tf.mul(x, 100), tf.round(tf.mul(y, 2)))],
    ['whole numbers: powers', (x) => tf.pow(tf.cast(tf.mul(x, 3), 'int32'), tf.scalar(3, 'int32'))],
    ['whole numbers: relu', (x) => tf.relu(tf.cast(tf.mul(x, 3), 'int32'))],
    ['whole numbers: step', (x) => tf.step(tf.cast(tf.mul(x, 3), 'int32'))],
    ['whole numbers: leakyRelu', (x) => tf.leakyRelu(tf.cast(tf.mul(x, 3), 'int32'))],
    ['whole numbers: exp', (x) => tf.exp(tf.cast(tf.mul(x, 3), 'int32'))],
    ['whole numbers: round', (x) => tf.round(tf.cast(tf.mul(x, 3), 'int32'))],
    ['whole numbers: matMul', (x, y) => tf.matMul(placesFrom(x, 9), placesFrom(y, 9), false, true)],
    ['argMax of booleans', (x) => tf.argMax(tf.greater(x, 0), 1)],
    ['expm1 near 0', (x) => tf.mul(tf.expm1(tf.mul(x, 1e-6)), 1e6)],
    ['log1p near 0', (x) => tf.mul(tf.log1p(tf.mul(x, 1e-6)), 1e6)],
    ['broadcastTo', (x) => tf.broadcastTo(x, [2, 4, 6])],
  ];
  test.each(plain)('%s', async (_, compute) => {
    const shapes = [
      [4, 6],
      [4, 6],
    ];
    await expectAsOnCpu(compute, { shapes, seed: 5 }, false);
  });

  test('atan2 and broadcastTo give gradients', async () => {
    await expectAsOnCpu((x, y) => tf.atan2(x, y), { shapes: [[4], [4]], seed: 6 });
    await expectAsOnCpu((x) => tf.broadcastTo(x, [3, 4]), { shapes: [[4]], seed: 6 });
  });

  test('an index outside is refused where it is known, and fails the run where it is not', async () => {
    await tf.setBackend('onnx');
    const x = tf.ones([3]);
    expect(() => tf.gather(x, tf.tensor1d([3], 'int32'))).toThrow('not in [0, 2]');
    const computed = tf.gather(x, tf.cast(tf.add(tf.ones([1]), 2), 'int32'));
    expect(() => computed.dataSync()).toThrow(expect.objectContaining({ code: 'ONNX_BACKEND_RUN' }) as Error);
  });
});
