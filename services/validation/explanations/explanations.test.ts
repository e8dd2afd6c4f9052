import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { occlusionGrid, saliencyPicture, sampleOutcomes, type OcclusionGrid } from '.';

const size = () => fc.integer({ min: 2, max: 64 });

test('whatever the patch, every block lies inside of it and one lies in its centre', () => {
  fc.assert(
    fc.property(fc.tuple(size(), size(), size()), (patch) => {
      const { block, slice, rows, columns } = occlusionGrid(patch);
      const starts = [[slice], rows, columns];
      for (const [axis, places] of starts.entries()) {
        const [first, last] = [places[0]!, places.at(-1)!];
        expect(first).toBeGreaterThanOrEqual(0);
        expect(last + block[axis]!).toBeLessThanOrEqual(patch[axis]!);
        const centre = places[places.length >> 1]!;
        expect(Math.abs(centre + block[axis]! / 2 - patch[axis]! / 2)).toBeLessThanOrEqual(0.5);
      }
    }),
  );
});

describe('the sample of cases', () => {
  const cases = Array.from({ length: 40 }, (_, i) => ({
    id: `case-${i}`,
    isPositive: i % 3 === 0,
    isCorrect: i % 8 !== 0,
  }));

  test('holds right and wrong ones of both classes, half of them wrong', () => {
    const sample = sampleOutcomes(cases, 8, 1).map((i) => cases[i]!);
    expect(sample.map(({ isCorrect }) => isCorrect)).toEqual([
      ...Array<boolean>(4).fill(true),
      ...Array<boolean>(4).fill(false),
    ]);
    for (const isCorrect of [true, false]) {
      const classes = sample.filter((one) => one.isCorrect === isCorrect).map(({ isPositive }) => isPositive);
      expect(classes.filter(Boolean).length).toBeGreaterThanOrEqual(2);
      expect(classes.filter((isPositive) => !isPositive).length).toBeGreaterThanOrEqual(2);
    }
  });

  test('is full where there are few wrong ones, or few right ones, and never holds one twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 12 }),
        (outcomes, count) => {
          const some = outcomes.map(([isPositive, isCorrect], i) => ({ id: String(i), isPositive, isCorrect }));
          const sample = sampleOutcomes(some, count, 1);
          expect(sample).toHaveLength(Math.min(count, some.length));
          expect(new Set(sample).size).toBe(sample.length);
        },
      ),
    );
  });

  test('depends on the seed and not on the order of the cases', () => {
    const ids = (list: typeof cases, seed: number) => sampleOutcomes(list, 8, seed).map((i) => list[i]!.id);
    expect(ids([...cases].reverse(), 1)).toEqual(ids(cases, 1));
    expect(ids(cases, 2)).not.toEqual(ids(cases, 1));
  });
});

describe('the picture', () => {
  const patch = [2, 6, 10] as const;
  const hu = new Int16Array(2 * 6 * 10).fill(-400);
  const grid: OcclusionGrid = {
    block: [2, 2, 2],
    stride: [1, 2, 2],
    slice: 0,
    rows: [0, 2, 4],
    columns: [0, 2, 4, 6, 8],
  };
  const draw = (drops: Record<number, number>) => {
    const logOddsDrop = new Float64Array(15);
    for (const [at, drop] of Object.entries(drops)) logOddsDrop[Number(at)] = drop;
    return decodeRgb(saliencyPicture(hu, patch, grid, logOddsDrop));
  };

  test('is the middle slice alone where nothing matters', () => {
    const { width, height, pixels } = draw({ 7: 0.01 });
    expect([width, height]).toEqual([40, 24]);
    // (-400 + 1000) / 1200 of white, and hardly tinted.
    for (const pixel of pixels) for (const channel of pixel) expect(Math.abs(channel - 127.5)).toBeLessThan(7);
  });

  test('has a warm middle and closed white and black lines around the block that matters', () => {
    const { width, pixels } = draw({ 7: 3 });
    const [red, green, blue] = pixels[12 * width + 20]!;
    expect(red!).toBeGreaterThan(green!);
    expect(green!).toBeGreaterThan(blue!);
    const lines = pixels.flatMap((pixel, at) => (pixel.every((c) => c === 255) ? [at] : []));
    const [rows, columns] = [lines.map((at) => Math.floor(at / width)), lines.map((at) => at % width)];
    // Symmetric around the block's middle, which lies between pixels 11 and 12, 19 and 20.
    expect(Math.min(...rows) + Math.max(...rows)).toBe(23);
    expect(Math.min(...columns) + Math.max(...columns)).toBe(39);
    expect(pixels.some((pixel) => pixel.every((c) => c === 0))).toBe(true);
  });

  test('is cold, with dotted lines, where covering makes the score rise', () => {
    const [falls, rises] = [draw({ 7: 3 }), draw({ 7: -3 })];
    const [red, , blue] = rises.pixels[12 * rises.width + 20]!;
    expect(blue!).toBeGreaterThan(red!);
    const white = ({ pixels }: typeof falls) => pixels.filter((pixel) => pixel.every((c) => c === 255)).length;
    expect(white(rises)).toBeGreaterThan(0);
    expect(white(rises)).toBeLessThan(0.75 * white(falls));
  });
});

function decodeRgb(png: Buffer): { width: number; height: number; pixels: number[][] } {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const data = png.indexOf('IDAT');
  const lines = inflateSync(png.subarray(data + 4, data + 4 + png.readUInt32BE(data - 4)));
  const pixels = Array.from({ length: width * height }, (_, at) => {
    const start = Math.floor(at / width) * (3 * width + 1) + 1 + 3 * (at % width);
    return [...lines.subarray(start, start + 3)];
  });
  return { width, height, pixels };
}
