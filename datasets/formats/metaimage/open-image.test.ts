import { mkdtemp, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Irc, type Volume, type Voxels, IDENTITY_DIRECTION } from '../../volume';
import { openMetaImage, writeMetaImage } from '.';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-image-'));
});

const volume = (size: Irc, Kind: new (length: number) => Voxels = Int16Array): Volume => ({
  hu: new Kind(size[0] * size[1] * size[2]).map((_, i) => i - 300),
  size,
  spacingXyz: [0.7, 0.7, 2.5],
  originXyz: [-100, -90, -400],
  direction: IDENTITY_DIRECTION,
});

test.each<[string, string, boolean, new (length: number) => Voxels]>([
  ['int16 in .raw', 'scan.mhd', false, Int16Array],
  ['float32 in .raw', 'scan.mhd', false, Float32Array],
  ['float64 in an .mha', 'scan.mha', false, Float64Array],
  ['compressed int16', 'scan.mhd', true, Int16Array],
])('any box of %s, over any edge, holds what the whole scan holds there', async (_name, file, compressed, Kind) => {
  const whole = volume([5, 9, 11], Kind);
  await writeMetaImage(join(folder, file), whole, { compressed });
  const scan = await openMetaImage(join(folder, file));
  expect(scan.geometry).toEqual({ ...whole, hu: undefined });
  const start = fc.integer({ min: -15, max: 15 });
  const length = fc.integer({ min: 1, max: 14 });
  fc.assert(
    fc.property(fc.tuple(start, start, start), fc.tuple(length, length, length), (first, size) => {
      expect([...scan.readRegion(first, size)]).toEqual(cut(whole, first, size));
    }),
  );
  scan.close();
});

test('rows too long to be read with what stands between them are read one by one, to the same voxels', async () => {
  const whole = volume([2, 3, 20_000]);
  await writeMetaImage(join(folder, 'wide.mhd'), whole);
  const scan = await openMetaImage(join(folder, 'wide.mhd'));
  expect([...scan.readRegion([0, 0, 19_990], [3, 4, 16])]).toEqual(cut(whole, [0, 0, 19_990], [3, 4, 16]));
  scan.close();
});

test('big-endian voxels come out the same, read after read', async () => {
  const whole = volume([2, 3, 4]);
  await writeMetaImage(join(folder, 'scan.mhd'), whole);
  const text = `ObjectType = Image\nNDims = 3\nDimSize = 4 3 2\nElementSpacing = 1 1 1\nOffset = 0 0 0\nBinaryDataByteOrderMSB = True\nElementType = MET_SHORT\nElementDataFile = scan.raw\n`;
  await writeFile(join(folder, 'scan.mhd'), text);
  await writeFile(join(folder, 'scan.raw'), Buffer.from(whole.hu.slice().buffer).swap16());
  const scan = await openMetaImage(join(folder, 'scan.mhd'));
  for (let i = 0; i < 2; i++) expect([...scan.readRegion([0, 0, 0], [2, 3, 4])]).toEqual([...whole.hu]);
  scan.close();
});

test('voxels go into the array that is given, which must have room for exactly them', async () => {
  await writeMetaImage(join(folder, 'scan.mhd'), volume([2, 3, 4]));
  const scan = await openMetaImage(join(folder, 'scan.mhd'));
  const target = new Float32Array(8);
  expect(scan.readRegion([1, 2, 3], [2, 2, 2], target, -5)).toBe(target);
  expect([...target]).toEqual([-277, -5, -5, -5, -5, -5, -5, -5]);
  expect(() => scan.readRegion([0, 0, 0], [2, 2, 2], new Int16Array(9))).toThrow(withCode('METAIMAGE_TARGET_LENGTH'));
  scan.close();
});

test('a file that was cut after it was opened is told, and so is a read after close', async () => {
  await writeMetaImage(join(folder, 'scan.mhd'), volume([2, 3, 4]));
  const scan = await openMetaImage(join(folder, 'scan.mhd'));
  await truncate(join(folder, 'scan.raw'), 10);
  const read = () => scan.readRegion([0, 0, 0], [2, 3, 4]);
  expect(read).toThrow(withCode('METAIMAGE_TRUNCATED'));
  scan.close();
  scan.close();
  expect(read).toThrow(withCode('METAIMAGE_CLOSED'));
});

function cut({ hu, size }: Volume, first: Irc, box: Irc): number[] {
  return Array.from({ length: box[0] * box[1] * box[2] }, (_, i) => {
    const at = [Math.floor(i / (box[1] * box[2])), Math.floor(i / box[2]) % box[1], i % box[2]];
    const [slice, row, column] = at.map((value, axis) => value + first[axis]!) as unknown as Irc;
    const inside = [slice, row, column].every((value, axis) => value >= 0 && value < size[axis]!);
    return inside ? hu[(slice * size[1] + row) * size[2] + column]! : -1000;
  });
}

function withCode(code: string): Error {
  return expect.objectContaining({ code }) as Error;
}
