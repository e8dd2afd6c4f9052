import { affineOf, ircToXyz, placementOf, swapLpsRas } from '.';

const placement = {
  spacingXyz: [0.5, 0.75, 2] as const,
  originXyz: [-10, 20, -30] as const,
  direction: [0, 1, 0, -1, 0, 0, 0, 0, -1],
};

test('an affine and a placement say the same of every voxel', () => {
  const affine = affineOf(placement);
  expect(affine).toEqual([0, -0.75, 0, -10, 0.5, 0, 0, 20, 0, 0, -2, -30]);
  const [slice, row, column] = [3, 5, 7];
  const world = [0, 4, 8].map((at) => {
    const [a = 0, b = 0, c = 0, d = 0] = affine.slice(at, at + 4);
    return a * column + b * row + c * slice + d;
  });
  expect(world).toEqual(ircToXyz([slice, row, column], placement));
  expect(placementOf(affine)).toEqual(placement);
});

test('a sheared affine keeps its shear', () => {
  const gantryTilt = [0.5, 0, 0, 0, 0, 0.5, 0.3, 0, 0, 0, 2, 0];
  affineOf(placementOf(gantryTilt)).forEach((value, i) => {
    expect(value).toBeCloseTo(gantryTilt[i]!, 12);
  });
});

test('RAS and LPS differ by the sign of x and y, and no zero is negative', () => {
  expect(swapLpsRas([1, 0, 0, 5, 0, 1, 0, -6, 0, 0, 1, 7])).toEqual([-1, 0, 0, -5, 0, -1, 0, 6, 0, 0, 1, 7]);
});
