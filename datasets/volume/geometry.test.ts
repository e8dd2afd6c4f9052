import fc from 'fast-check';
import { type Xyz, ircToXyz, xyzToIrc } from '.';

const millimetres = (limit: number) => fc.double({ min: -limit, max: limit, noNaN: true });
const triple = (value: fc.Arbitrary<number>) => fc.tuple(value, value, value);
const direction = fc
  .tuple(triple(fc.double({ min: -Math.PI, max: Math.PI, noNaN: true })), triple(fc.constantFrom(-1, 1)))
  .map(([angles, flips]) => rotation(angles).map((value, i) => value * flips[Math.floor(i / 3)]!));
const placement = fc.record({
  spacingXyz: triple(fc.double({ min: 0.3, max: 5, noNaN: true })),
  originXyz: triple(millimetres(1000)),
  direction,
});

test('a world position comes back to 1e-6 mm through any spacing, rotation and flip', () => {
  fc.assert(
    fc.property(placement, triple(millimetres(1000)), (where, xyz) => {
      const back = ircToXyz(xyzToIrc(xyz, where), where);
      for (const axis of [0, 1, 2] as const) expect(Math.abs(back[axis] - xyz[axis])).toBeLessThan(1e-6);
    }),
  );
});

test('a voxel position comes back through any placement', () => {
  fc.assert(
    fc.property(placement, triple(fc.integer({ min: -10, max: 600 })), (where, irc) => {
      const back = xyzToIrc(ircToXyz(irc, where), where);
      for (const axis of [0, 1, 2] as const) expect(Math.abs(back[axis] - irc[axis])).toBeLessThan(1e-6);
    }),
  );
});

test('the origin is the first voxel, and a flipped scan counts the other way', () => {
  const originXyz: Xyz = [-100, 50, -300];
  const flipped = { spacingXyz: [0.5, 0.7, 2.5] as const, originXyz, direction: [-1, 0, 0, 0, -1, 0, 0, 0, 1] };
  expect(ircToXyz([0, 0, 0], flipped)).toEqual(originXyz);
  expect(ircToXyz([4, 10, 20], flipped)).toEqual([-110, 43, -290]);
});

/** Row-major product of rotations about x, y and z. */
function rotation([a, b, c]: Xyz): number[] {
  const product = (left: number[], right: number[]) =>
    Array.from({ length: 9 }, (_, i) => {
      const row = Math.floor(i / 3) * 3;
      return left[row]! * right[i % 3]! + left[row + 1]! * right[(i % 3) + 3]! + left[row + 2]! * right[(i % 3) + 6]!;
    });
  const { sin, cos } = Math;
  const aboutX = [1, 0, 0, 0, cos(a), -sin(a), 0, sin(a), cos(a)];
  const aboutY = [cos(b), 0, sin(b), 0, 1, 0, -sin(b), 0, cos(b)];
  const aboutZ = [cos(c), -sin(c), 0, sin(c), cos(c), 0, 0, 0, 1];
  return product(product(aboutZ, aboutY), aboutX);
}
