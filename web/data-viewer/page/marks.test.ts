import { type Tile, cutSphere, distanceToTile, onTile } from './marks';

// 200 × 100 pixels at (10, 20), showing 0 to 100 mm across and −50 to 0 mm up.
const axial: Tile = { leftTopWidthHeight: [10, 20, 200, 100], axCorSag: 0, leftTopMM: [0, -50], fovMM: [100, 50] };

test('a place is where its millimetres are on the slice, up being up', () => {
  expect(onTile(axial, [0, -50, 7])).toEqual({ x: 10, y: 120 });
  expect(onTile(axial, [25, -10, 7])).toEqual({ x: 60, y: 40 });
  expect(onTile(axial, [101, -10, 7])).toBeUndefined();
  expect(onTile({ ...axial, axCorSag: 4 }, [25, -10, 7])).toBeUndefined();
});

test('each plane has its own two axes, and its own one through it', () => {
  const place = [-10, 25, -20] as const;
  expect(onTile({ ...axial, axCorSag: 2 }, place)).toEqual({ x: 60, y: 60 });
  expect(onTile({ ...axial, axCorSag: 1, leftTopMM: [-100, -50] }, place)).toEqual({ x: 190, y: 60 });
  expect([0, 1, 2].map((axCorSag) => distanceToTile({ ...axial, axCorSag }, [0, 0, 0], place))).toEqual([20, 25, 10]);
});

test('a slice shown mirrored mirrors its marks', () => {
  const mirrored = { ...axial, leftTopMM: [100, -50], fovMM: [-100, 50] };
  expect(onTile(mirrored, [25, -10, 7])).toEqual({ x: 160, y: 40 });
  expect(cutSphere(mirrored, [0, 0, 7], [25, -10, 7], 10)).toEqual({ x: 160, y: 40, radius: 10 });
});

test('a sphere is cut in a circle that shrinks with the distance of the slice, and not at all beyond its radius', () => {
  expect(cutSphere(axial, [0, 0, 7], [25, -10, 7], 10)?.radius).toBe(10);
  expect(cutSphere(axial, [0, 0, 10], [25, -10, 7], 10)?.radius).toBeCloseTo(8, 12);
  expect(cutSphere(axial, [0, 0, 12], [25, -10, 7], 10)).toBeUndefined();
});
