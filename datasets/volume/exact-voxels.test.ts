import fc from 'fast-check';
import { exactVoxels } from '.';

test.each([
  ['whole numbers of 16 bits', Float64Array.of(-32768, -0, 32767), Int16Array],
  ['one more than int16 holds', Uint16Array.of(0, 32768), Float32Array],
  ['halves', Float64Array.of(-1000.5, 3), Float32Array],
  ['not a number', Float64Array.of(0, NaN), Float32Array],
  ['infinity', Float32Array.of(0, Infinity), Float32Array],
  ['2^24 + 1', Int32Array.of(0, 2 ** 24 + 1), Float64Array],
  ['a tenth', Float64Array.of(0.1), Float64Array],
])('%s are held by the smallest type that loses nothing', (_name, values, Kind) => {
  const voxels = exactVoxels(values);
  expect(voxels).toBeInstanceOf(Kind);
  expect([...voxels]).toEqual([...values].map((value) => (Object.is(value, -0) && Kind === Int16Array ? 0 : value)));
});

test('no value is ever changed, whatever the numbers', () => {
  const values = fc.array(fc.oneof(fc.integer(), fc.double(), fc.float(), fc.integer({ min: -40000, max: 40000 })));
  fc.assert(
    fc.property(values, (numbers) => {
      const voxels = exactVoxels(Float64Array.from(numbers));
      expect([...voxels].every((value, i) => value === numbers[i] || Object.is(value, numbers[i]))).toBe(true);
    }),
  );
});

test('an array that is of the right type already is not copied', () => {
  const shorts = Int16Array.of(1, 2);
  const floats = Float32Array.of(0.5);
  expect(exactVoxels(shorts)).toBe(shorts);
  expect(exactVoxels(floats)).toBe(floats);
});

test('rescaled values are those of float64 arithmetic, in the smallest type that holds them', () => {
  expect(exactVoxels(Int16Array.of(0, 24), 1, -1024)).toEqual(Int16Array.of(-1024, -1000));
  expect(exactVoxels(Uint16Array.of(0, 65535), 1, -1024)).toEqual(Float32Array.of(-1024, 64511));
  expect(exactVoxels(Uint8Array.of(0, 3), 0.5, 1)).toEqual(Float32Array.of(1, 2.5));
  expect(exactVoxels(Int16Array.of(1, 3), 0.1, 0.2)).toEqual(Float64Array.of(1 * 0.1 + 0.2, 3 * 0.1 + 0.2));
});
