import fc from 'fast-check';
import { seededRandom } from 'seeded-random';
import { LUNA_PATCH, voxelsOf } from '../patches';
import { type PatchTransform, drawTransform, resamplePatch } from './augment-patch';
import { type AugmentationConfig, augmentPatch } from '.';

const VOXELS = voxelsOf(LUNA_PATCH);
const OFF: AugmentationConfig = { flip: false, shift: 0, scale: 0, rotate: false, noise: 0 };
const random = seededRandom('source');
const source = Int16Array.from({ length: VOXELS }, () => random.integer(2001) - 1000);
const identity: PatchTransform = {
  slice: { scale: 1, shift: 0 },
  plane: { rr: 1, rc: 0, cr: 0, cc: 1, rowShift: 0, columnShift: 0 },
};
const augmented = (config: AugmentationConfig, seed: number) => {
  const target = new Float32Array(VOXELS);
  augmentPatch(source, target, config, seededRandom(seed));
  return target;
};
const resampled = (transform: PatchTransform) => {
  const target = new Float32Array(VOXELS);
  resamplePatch(source, target, transform);
  return target;
};

test('with everything off a patch stays as it is, to the bit', () => {
  expect(augmented(OFF, 1)).toEqual(Float32Array.from(source));
});

test('the same random stream gives the same patch, another one another', () => {
  const all: AugmentationConfig = { flip: true, shift: 0.1, scale: 0.2, rotate: true, noise: 25 };
  expect(augmented(all, 1)).toEqual(augmented(all, 1));
  expect(augmented(all, 1)).not.toEqual(augmented(all, 2));
});

test('flips mirror whole axes exactly, all eight ways', () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const { slice, plane } = drawTransform({ ...OFF, flip: true }, seededRandom(seed));
    seen.add([slice.scale, plane.rr, plane.cc].join());
    const target = augmented({ ...OFF, flip: true }, seed);
    const from = (place: number, length: number, scale: number) => (scale < 0 ? length - 1 - place : place);
    for (const [s, r, c] of [
      [0, 0, 0],
      [5, 40, 7],
      [31, 3, 47],
    ] as const) {
      expect(voxel(target, s, r, c)).toBe(
        voxel(source, from(s, 32, slice.scale), from(r, 48, plane.rr), from(c, 48, plane.cc)),
      );
    }
  }
  expect(seen.size).toBe(8);
});

test('a quarter turn turns the slices exactly', () => {
  const turned = resampled({ ...identity, plane: { rr: 0, rc: 1, cr: -1, cc: 0, rowShift: 0, columnShift: 0 } });
  for (const [s, r, c] of [
    [0, 0, 0],
    [9, 1, 30],
    [31, 47, 12],
  ] as const) {
    expect(voxel(turned, s, r, c)).toBe(voxel(source, s, c, 47 - r));
  }
});

test('a shift by whole voxels moves the content, and −1000 comes in from beyond the patch', () => {
  const shifted = resampled({
    slice: { scale: 1, shift: 3 },
    plane: { ...identity.plane, rowShift: -5, columnShift: 7 },
  });
  expect(voxel(shifted, 10, 20, 30)).toBe(voxel(source, 13, 15, 37));
  expect(voxel(shifted, 29, 20, 30)).toBe(-1000);
  expect(voxel(shifted, 10, 4, 30)).toBe(-1000);
  expect(voxel(shifted, 10, 20, 41)).toBe(-1000);
});

test('the two-step resampling is the trilinear sum over eight voxels', () => {
  const config: AugmentationConfig = { flip: true, shift: 0.2, scale: 0.3, rotate: true, noise: 0 };
  const place = fc.tuple(
    fc.integer({ min: 0, max: 31 }),
    fc.integer({ min: 0, max: 47 }),
    fc.integer({ min: 0, max: 47 }),
  );
  fc.assert(
    fc.property(fc.integer(), fc.array(place, { minLength: 50, maxLength: 50 }), (seed, places) => {
      const transform = drawTransform(config, seededRandom(seed));
      const target = resampled(transform);
      for (const [s, r, c] of places) expect(voxel(target, s, r, c)).toBeCloseTo(eightTaps(transform, s, r, c), 1);
    }),
    { numRuns: 30 },
  );
});

test('noise has mean 0 and the deviation that was asked for, and other values in each patch', () => {
  const noisy = augmented({ ...OFF, noise: 25 }, 1);
  const noise = noisy.map((value, i) => value - source[i]!);
  const mean = noise.reduce((sum, value) => sum + value) / VOXELS;
  const variance = noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / VOXELS;
  expect(Math.abs(mean)).toBeLessThan(0.5);
  expect(Math.sqrt(variance)).toBeCloseTo(25, 0);
  const neighbours = noise.subarray(1).reduce((sum, value, i) => sum + value * noise[i]!, 0) / VOXELS / variance;
  expect(Math.abs(neighbours)).toBeLessThan(0.02);
  expect(augmented({ ...OFF, noise: 25 }, 2)).not.toEqual(noisy);
});

test('limits hold: shift as a share of half the patch, scale around 1, rotation in degrees', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { slice, plane } = drawTransform({ ...OFF, shift: 0.1, scale: 0.2, rotate: 30 }, seededRandom(seed));
      expect(Math.abs(slice.shift)).toBeLessThanOrEqual(1.6);
      expect(Math.abs(plane.rowShift)).toBeLessThanOrEqual(2.4);
      expect(Math.abs(slice.scale - 1)).toBeLessThanOrEqual(0.2);
      expect(Math.abs(Math.atan2(plane.rc, plane.rr))).toBeLessThanOrEqual(Math.PI / 6 + 1e-12);
      expect(Math.hypot(plane.rr, plane.rc)).toBeLessThanOrEqual(1.2 + 1e-12);
    }),
  );
});

test('a config of another strength leaves the other draws as they are', () => {
  const flips = (config: AugmentationConfig) => drawTransform(config, seededRandom(9)).plane.rr > 0;
  expect(flips({ ...OFF, flip: true, shift: 0.1, scale: 0.1 })).toBe(flips({ ...OFF, flip: true }));
});

function voxel(patch: Int16Array | Float32Array, s: number, r: number, c: number): number {
  const inside = s >= 0 && s < 32 && r >= 0 && r < 48 && c >= 0 && c < 48;
  return inside ? patch[(s * 48 + r) * 48 + c]! : -1000;
}

/** The definition, one voxel at a time. */
function eightTaps({ slice, plane }: PatchTransform, s: number, r: number, c: number): number {
  const at = [
    (s - 15.5) * slice.scale + 15.5 + slice.shift,
    plane.rr * (r - 23.5) + plane.rc * (c - 23.5) + 23.5 + plane.rowShift,
    plane.cr * (r - 23.5) + plane.cc * (c - 23.5) + 23.5 + plane.columnShift,
  ] as const;
  let sum = 0;
  for (let tap = 0; tap < 8; tap++) {
    const places = at.map((position, axis) => Math.floor(position) + ((tap >> axis) & 1)) as [number, number, number];
    const weight = places.reduce((product, index, axis) => product * (1 - Math.abs(at[axis]! - index)), 1);
    sum += weight * voxel(source, ...places);
  }
  return sum;
}
