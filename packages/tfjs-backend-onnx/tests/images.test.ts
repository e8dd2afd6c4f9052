import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { seededRandom } from 'seeded-random';
import { affineSample2d, affineSample3d, registerOnnxBackend } from '../src';
import { anySeed, expectAsOnCpu } from './against-cpu';
import type { Compute } from './against-cpu';

const backend = registerOnnxBackend({ threads: 1, strict: true });
afterAll(() => {
  backend.dispose();
});

const size = (max: number) => fc.integer({ min: 1, max });
const RUNS = { numRuns: 20, seed: 1 };
type Pair = [number, number];

describe('resizing is that of tfjs-cpu', () => {
  const resizing = fc.record({
    // Square: of others tfjs-cpu swaps the sides of the gradient. One pixel: its gradient never ends.
    from: fc.integer({ min: 2, max: 7 }),
    to: fc.tuple(size(12), size(12)),
    batch: size(2),
    channels: size(3),
    alignCorners: fc.boolean(),
    seed: anySeed,
  });

  test.each(['bilinear', 'nearest'] as const)('%s, with gradient', async (method) => {
    const resize = method === 'bilinear' ? tf.image.resizeBilinear : tf.image.resizeNearestNeighbor;
    const property = fc.asyncProperty(resizing, async ({ from, to, batch, channels, alignCorners, seed }) => {
      // In the gradient of several images by the nearest pixel tfjs-cpu looks for them in the wrong place.
      const shapes = [[method === 'nearest' ? 1 : batch, from, from, channels]];
      await expectAsOnCpu((x) => resize(x as tf.Tensor4D, to, alignCorners), { shapes, seed });
      const several = [[batch, from, from, channels]];
      await expectAsOnCpu((x) => resize(x as tf.Tensor4D, to, false, true), { shapes: several, seed }, false);
    });
    await fc.assert(property, RUNS);
  });

  test('to many times the size, where the gradient is a product of matrices', async () => {
    await expectAsOnCpu((x) => tf.image.resizeBilinear(x as tf.Tensor4D, [33, 31]), {
      shapes: [[1, 3, 3, 2]],
      seed: 1,
    });
    await expectAsOnCpu((x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [31, 33]), {
      shapes: [[1, 3, 3, 2]],
      seed: 1,
    });
  });

  test('the gradient adds up to the gradient of the result, half pixel centres and sides that differ included', async () => {
    await tf.setBackend('onnx');
    const x = tf.ones<tf.Rank.R4>([2, 5, 3, 2]);
    for (const half of [true, false]) {
      const resized = (images: tf.Tensor): tf.Tensor =>
        tf.image.resizeBilinear(images as tf.Tensor4D, [8, 4], false, half);
      const dx = tf.grad(resized)(x);
      expect(dx.shape).toEqual(x.shape);
      expect(tf.sum(dx).dataSync()[0]).toBeCloseTo(2 * 8 * 4 * 2, 4);
    }
  });

  test('whole numbers stay whole where no two are mixed', async () => {
    const resize: Compute = (x) => tf.image.resizeNearestNeighbor(tf.cast<tf.Tensor4D>(tf.mul(x, 50), 'int32'), [5, 7]);
    await expectAsOnCpu(resize, { shapes: [[1, 3, 4, 2]], seed: 1 }, false);
  });
});

describe('cropping and mapping are those of tfjs-cpu', () => {
  test.each(['bilinear', 'nearest'] as const)('boxes in and around images, %s', async (method) => {
    const crops = fc.tuple(size(6), size(6), size(5), size(5), anySeed);
    const property = fc.asyncProperty(crops, async ([height, width, cropHeight, cropWidth, seed]) => {
      const crop: Compute = (images, boxes) =>
        tf.image.cropAndResize(
          images as tf.Tensor4D,
          boxes as tf.Tensor2D,
          tf.tensor1d([1, 0, 1], 'int32'),
          [cropHeight, cropWidth],
          method,
          7,
        );
      const shapes = [
        [2, height, width, 2],
        [3, 4],
      ];
      await expectAsOnCpu(crop, { shapes, seed, range: [-0.3, 1.3] }, false);
    });
    await fc.assert(property, RUNS);
  });

  test('a box that ends on the last pixel is inside, whatever the step', async () => {
    for (let crop = 2; crop < 24; crop++) {
      const whole: Compute = (images) =>
        tf.image.cropAndResize(
          images as tf.Tensor4D,
          tf.tensor2d([[0, 0, 1, 1]]),
          tf.tensor1d([0], 'int32'),
          [crop, crop],
          'bilinear',
          100,
        );
      await expectAsOnCpu(whole, { shapes: [[1, 10, 11, 1]], seed: crop }, false);
    }
  });

  test.each(['constant', 'reflect', 'wrap', 'nearest'] as const)(
    'projective maps, %s beyond the edge',
    async (mode) => {
      const maps = fc.record({
        image: fc.tuple(size(5), size(5)),
        out: fc.option(fc.tuple(size(6), size(6)), { nil: undefined }),
        seed: anySeed,
      });
      const property = fc.asyncProperty(maps, async ({ image, out, seed }) => {
        const shapes = [
          [1, ...image, 3],
          [1, 8],
        ];
        for (const interpolation of ['bilinear', 'nearest'] as const) {
          const transform: Compute = (x, t) =>
            tf.image.transform(x as tf.Tensor4D, tf.mul<tf.Tensor2D>(t, SMALL), interpolation, mode, -3, out);
          await expectAsOnCpu(transform, { shapes, seed }, false);
        }
      });
      await fc.assert(property, { numRuns: 8, seed: 1 });
    },
  );

  /** Shifts of some pixels, and hardly any perspective. */
  const SMALL = [1, 1, 4, 1, 1, 4, 0.05, 0.05];

  test.each([1, 2])('of two images, by %i maps, tfjs-cpu maps only the first: here it is both', async (maps) => {
    await tf.setBackend('onnx');
    const images = tf.randomUniform<tf.Rank.R4>([2, 4, 5, 1], -1, 1, 'float32', 1);
    const transforms = tf.mul<tf.Tensor2D>(tf.randomUniform([maps, 8], -1, 1, 'float32', 2), SMALL);
    const both = tf.image.transform(images, transforms, 'bilinear', 'constant', 9);
    const [first, second] = [0, 1].map((i) =>
      tf.image.transform(
        tf.slice(images, [i, 0, 0, 0], [1, -1, -1, -1]),
        tf.slice(transforms, [maps === 2 ? i : 0, 0], [1, -1]),
        'bilinear',
        'constant',
        9,
      ),
    );
    expect(await both.data()).toEqual(await tf.concat([first!, second!]).data());
  });

  test('turning by any angle about any centre', async () => {
    const property = fc.asyncProperty(size(6), size(6), anySeed, async (height, width, seed) => {
      const turn = (center: number | Pair, fill: number | [number, number, number]): Compute => {
        return (x) => tf.image.rotateWithOffset(x as tf.Tensor4D, seed, fill, center);
      };
      await expectAsOnCpu(turn(0.5, 2), { shapes: [[2, height, width, 1]], seed }, false);
      await expectAsOnCpu(turn([0.2, 0.9], [1, 2, 3]), { shapes: [[2, height, width, 4]], seed }, false);
    });
    await fc.assert(property, RUNS);
  });

  test('a new angle compiles no new graph', async () => {
    await tf.setBackend('onnx');
    const image = tf.randomUniform<tf.Rank.R4>([1, 6, 6, 1]);
    tf.image.rotateWithOffset(image, 0.1).dataSync();
    const before = backend.statistics.compiles;
    tf.image.rotateWithOffset(image, 0.2).dataSync();
    expect(backend.statistics.compiles).toBe(before);
  });

  test('mirroring, and padding by mirroring', async () => {
    const shapes = [[2, 3, 4, 2]];
    await expectAsOnCpu((x) => tf.image.flipLeftRight(x as tf.Tensor4D), { shapes, seed: 1 }, false);
    for (const mode of ['reflect', 'symmetric'] as const) {
      const pads: Pair[] = [
        [1, 1],
        [0, 2],
        [3, 1],
        [0, 0],
      ];
      await expectAsOnCpu((x) => tf.mirrorPad(x, pads, mode), { shapes, seed: 2 }, false);
    }
  });
});

test('normalisation by neighbouring channels, and its gradient, is that of tfjs-cpu', async () => {
  const property = fc.asyncProperty(size(7), size(4), anySeed, async (channels, radius, seed) => {
    const normalised: Compute = (x) => tf.localResponseNormalization(x as tf.Tensor4D, radius, 1.5, 0.7, 0.6);
    await expectAsOnCpu(normalised, { shapes: [[2, 2, 3, channels]], seed });
  });
  await fc.assert(property, RUNS);
});

describe('affine sampling', () => {
  /** One image [...sizes] read at `at`, linearly, `padding` beyond it: the definition, corner by corner. */
  function readAt(image: Float32Array, sizes: readonly number[], at: readonly number[], padding: number): number {
    const low = at.map(Math.floor);
    let sum = 0;
    for (let corner = 0; corner < 2 ** sizes.length; corner++) {
      const place = low.map((from, axis) => from + ((corner >> axis) & 1));
      const weight = place.reduce((product, p, axis) => product * (1 - Math.abs(p - at[axis]!)), 1);
      const isInside = place.every((p, axis) => p >= 0 && p < sizes[axis]!);
      sum += weight * (isInside ? image[place.reduce((flat, p, axis) => flat * sizes[axis]! + p, 0)]! : padding);
    }
    return sum;
  }

  const PADDING = -5;

  function expected(images: Float32Array[], maps: number[][], sizes: readonly number[], outs: readonly number[]) {
    const rank = sizes.length;
    const count = outs.reduce((a, b) => a * b, 1);
    return images.flatMap((image, b) =>
      Array.from({ length: count }, (_, flat) => {
        const place = outs.map((out, axis) => Math.floor(flat / outs.slice(axis + 1).reduce((a, c) => a * c, 1)) % out);
        const at = sizes.map((__, row) => {
          const numbers = maps[b]!.slice(row * (rank + 1), (row + 1) * (rank + 1));
          return numbers.reduce((sum, n, column) => sum + n * (place[column] ?? 1), 0);
        });
        return readAt(image, sizes, at, PADDING);
      }),
    );
  }

  const sample = (images: tf.Tensor, maps: tf.Tensor, outs: readonly number[]): tf.Tensor =>
    outs.length === 3
      ? affineSample3d(images as tf.Tensor5D, maps as tf.Tensor3D, {
          padding: PADDING,
          size: outs as [number, number, number],
        })
      : affineSample2d(images as tf.Tensor4D, maps as tf.Tensor3D, { padding: PADDING, size: outs as Pair });

  test.each([2, 3])('in %i dimensions reads between the pixels, and padding beyond them', async (rank) => {
    await tf.setBackend('onnx');
    const sides = fc.array(size(5), { minLength: rank, maxLength: rank });
    const property = fc.asyncProperty(sides, sides, anySeed, async (sizes, outs, seed) => {
      const random = seededRandom(seed);
      const draw = (length: number, scale: number): number[] =>
        Array.from({ length }, () => scale * (random.uniform() * 2 - 1));
      const count = sizes.reduce((a, b) => a * b, 1);
      const images = [0, 1].map(() => Float32Array.from(draw(count, 3)));
      const maps = [0, 1].map(() => draw(rank * (rank + 1), 1.5));
      const x = tf.tensor([...images[0]!, ...images[1]!], [2, ...sizes, 1]);
      const m = tf.tensor(maps.flat(), [2, rank, rank + 1]);
      const y = sample(x, m, outs);
      expect(y.shape).toEqual([2, ...outs, 1]);
      const values = await y.data();
      expected(images, maps, sizes, outs).forEach((value, i) => {
        expect(Math.abs(value - values[i]!)).toBeLessThan(1e-4);
      });
    });
    await fc.assert(property, RUNS);
  });

  test.each([
    [2, 1],
    [3, 2],
  ])(
    'in %i dimensions is linear in %i channels of the images, and its gradient is the transpose',
    async (rank, channels) => {
      await tf.setBackend('onnx');
      const sizes = [4, 3, 5].slice(0, rank);
      const outs = [3, 6, 2].slice(0, rank);
      const x = tf.randomUniform([2, ...sizes, channels], -1, 1, 'float32', 1);
      const maps = tf.randomUniform([2, rank, rank + 1], -1.5, 1.5, 'float32', 2);
      const dy = tf.randomUniform([2, ...outs, channels], -1, 1, 'float32', 3);
      const compute = (images: tf.Tensor): tf.Tensor => sample(images, maps, outs);
      const dx = tf.grad(compute)(x, dy);
      expect(dx.shape).toEqual(x.shape);
      // <A x - A 0, dy> = <x, Aᵀ dy>: what the padding adds does not depend on x.
      const forwards = tf.sum(tf.mul(tf.sub(compute(x), compute(tf.zerosLike(x))), dy)).dataSync()[0]!;
      expect(tf.sum(tf.mul(x, dx)).dataSync()[0]).toBeCloseTo(forwards, 4);
    },
  );

  test('another map compiles no new graph', async () => {
    await tf.setBackend('onnx');
    const x = tf.ones<tf.Rank.R5>([1, 4, 4, 4, 1]);
    const map = (shift: number): tf.Tensor3D => tf.tensor3d([1, 0, 0, shift, 0, 1, 0, 0, 0, 0, 1, 0], [1, 3, 4]);
    affineSample3d(x, map(0.5)).dataSync();
    const before = backend.statistics.compiles;
    affineSample3d(x, map(0.7)).dataSync();
    expect(backend.statistics.compiles).toBe(before);
  });

  test('says which shapes do not fit', async () => {
    await tf.setBackend('onnx');
    const x = tf.ones<tf.Rank.R5>([2, 4, 4, 4, 1]);
    expect(() => affineSample3d(x, tf.ones<tf.Rank.R3>([1, 3, 4]))).toThrow(/\[2, 4, 4, 4, 1\].*\[1, 3, 4\]/);
  });

  test('asks for its backend', async () => {
    await tf.setBackend('cpu');
    const x = tf.ones<tf.Rank.R4>([1, 2, 2, 1]);
    expect(() => affineSample2d(x, tf.ones<tf.Rank.R3>([1, 2, 3]))).toThrow(/backend in use is cpu/);
  });
});
