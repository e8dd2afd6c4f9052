import { inflateSync } from 'node:zlib';
import { LUNG_WINDOW, encodeGreyPng, thumbnailPng } from '.';

/** Width, height and pixels of a PNG without filters. */
function decode(png: Buffer): { width: number; height: number; grey: number[][] } {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const data = png.indexOf('IDAT');
  const lines = inflateSync(png.subarray(data + 4, data + 4 + png.readUInt32BE(data - 4)));
  const grey = Array.from({ length: height }, (_, y) => [
    ...lines.subarray(y * (width + 1) + 1, (y + 1) * (width + 1)),
  ]);
  return { width, height, grey };
}

test('a PNG gives back its pixels', () => {
  expect(decode(encodeGreyPng([0, 128, 255, 7, 8, 9], 3, 2))).toEqual({
    width: 3,
    height: 2,
    grey: [
      [0, 128, 255],
      [7, 8, 9],
    ],
  });
});

test('a thumbnail is drawn to scale, its longer side as long as asked', () => {
  const hu = new Int16Array(200 * 300);
  const size = (spacingXy: [number, number]) => {
    const { width, height } = decode(thumbnailPng({ hu, rows: 200, columns: 300, spacingXy }, 60));
    return [width, height];
  };
  expect(size([1, 1])).toEqual([60, 40]);
  expect(size([0.5, 1.5])).toEqual([30, 60]);
});

test('a pixel is the mean of what it covers, clipped to the lung window', () => {
  const { from, to } = LUNG_WINDOW;
  const hu = Int16Array.from([from, to, 3000, 3000, from, to, 3000, 3000]);
  const { grey } = decode(thumbnailPng({ hu, rows: 2, columns: 4, spacingXy: [1, 1] }, 2));
  expect(grey[0]![0]).toBeGreaterThan(120);
  expect(grey[0]![0]).toBeLessThan(136);
  expect(grey[0]![1]).toBe(255);
});

test('a slice smaller than its thumbnail, of floats, is drawn too', () => {
  const tiny = { hu: Float32Array.from([-5000]), rows: 1, columns: 1, spacingXy: [1, 1] as const };
  expect(decode(thumbnailPng(tiny, 4)).grey).toEqual(Array(4).fill([0, 0, 0, 0]));
});
