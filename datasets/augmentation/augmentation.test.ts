import fc from 'fast-check';
import { seededRandom } from 'seeded-random';
import { LUNA_PATCH, type PatchContract, voxelsOf } from '../patches';
import { type Affine, drawAffine } from './affine';
import { createResampler } from './resampler';
import { type AugmentationConfig, augmentPatch, createAugmenter } from '.';

const VOXELS = voxelsOf(LUNA_PATCH);
const SIZE = LUNA_PATCH.patchSize;
const OFF: AugmentationConfig = { flip: false, shift: 0, scale: 0, zoom: 0, rotate: false, tilt: false, noise: 0 };
const ALL: AugmentationConfig = { flip: true, shift: 0.2, scale: 0.2, zoom: 0.2, rotate: true, tilt: true, noise: 25 };
const random = seededRandom('source');
const source = Int16Array.from({ length: VOXELS }, () => random.integer(2001) - 1000);
const { resample, result } = createResampler(LUNA_PATCH);
const augmented = (config: AugmentationConfig, seed: number) => {
  const target = new Float32Array(VOXELS);
  augmentPatch(source, target, config, seededRandom(seed));
  return target;
};
const resampled = (affine: Affine) => {
  resample(source, affine);
  return result.slice();
};
const stretches = ([ss, , , , , rr, , , , , cc]: Affine) => [ss!, rr!, cc!] as const;

test('with everything off a patch stays as it is, to the bit', () => {
  expect(augmented(OFF, 1)).toEqual(Float32Array.from(source));
});

test('the same random stream gives the same patch, another one another', () => {
  expect(augmented(ALL, 1)).toEqual(augmented(ALL, 1));
  expect(augmented(ALL, 1)).not.toEqual(augmented(ALL, 2));
});

test('an augmenter gives the same whatever it varied before', () => {
  const augment = createAugmenter(LUNA_PATCH, ALL);
  const target = new Float32Array(VOXELS);
  augment(source.toReversed(), target, seededRandom(2));
  augment(source, target, seededRandom(1));
  expect(target).toEqual(augmented(ALL, 1));
});

test('flips mirror whole axes exactly, all eight ways', () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const [ss, rr, cc] = stretches(drawAffine({ ...OFF, flip: true }, SIZE, seededRandom(seed)));
    seen.add([ss, rr, cc].join());
    const target = augmented({ ...OFF, flip: true }, seed);
    const from = (place: number, length: number, scale: number) => (scale < 0 ? length - 1 - place : place);
    for (const [s, r, c] of [
      [0, 0, 0],
      [5, 40, 7],
      [31, 3, 47],
    ] as const) {
      expect(voxel(target, s, r, c)).toBe(voxel(source, from(s, 32, ss), from(r, 48, rr), from(c, 48, cc)));
    }
  }
  expect(seen.size).toBe(8);
});

test('a quarter turn turns the slices exactly', () => {
  const turned = resampled([1, 0, 0, 0, 0, 0, 1, 0, 0, -1, 0, 47]);
  for (const [s, r, c] of [
    [0, 0, 0],
    [9, 1, 30],
    [31, 47, 12],
  ] as const) {
    expect(voxel(turned, s, r, c)).toBe(voxel(source, s, c, 47 - r));
  }
});

test('a shift by whole voxels moves the content, and −1000 comes in from beyond the patch', () => {
  const shifted = resampled([1, 0, 0, 3, 0, 1, 0, -5, 0, 0, 1, 7]);
  expect(voxel(shifted, 10, 20, 30)).toBe(voxel(source, 13, 15, 37));
  expect(voxel(shifted, 29, 20, 30)).toBe(-1000);
  expect(voxel(shifted, 10, 4, 30)).toBe(-1000);
  expect(voxel(shifted, 10, 20, 41)).toBe(-1000);
});

test('resampling is the trilinear sum over eight voxels, with padding around the patch', () => {
  const place = fc.tuple(
    fc.integer({ min: 0, max: 31 }),
    fc.integer({ min: 0, max: 47 }),
    fc.integer({ min: 0, max: 47 }),
  );
  fc.assert(
    fc.property(fc.integer(), fc.array(place, { minLength: 50, maxLength: 50 }), (seed, places) => {
      const affine = drawAffine(ALL, SIZE, seededRandom(seed));
      const target = resampled(affine);
      for (const [s, r, c] of places) expect(voxel(target, s, r, c)).toBeCloseTo(eightTaps(affine, s, r, c), 1);
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

test('limits hold: shift as a share of half the patch, stretches around 1, turns in degrees', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const draw = (config: Partial<AugmentationConfig>) => drawAffine({ ...OFF, ...config }, SIZE, seededRandom(seed));
      const shifted = draw({ shift: 0.1 });
      expect(Math.abs(shifted[3]!)).toBeLessThanOrEqual(1.6);
      expect(Math.abs(shifted[7]!)).toBeLessThanOrEqual(2.4);
      for (const stretch of stretches(draw({ scale: 0.2 }))) expect(Math.abs(stretch - 1)).toBeLessThanOrEqual(0.2);
      const zoomed = stretches(draw({ zoom: 0.2 }));
      expect(Math.abs(zoomed[0] - 1)).toBeLessThanOrEqual(0.2);
      expect(zoomed).toEqual([zoomed[0], zoomed[0], zoomed[0]]);
      const [, , , , , rr, rc] = draw({ rotate: 30 });
      expect(Math.abs(Math.atan2(rc!, rr!))).toBeLessThanOrEqual(Math.PI / 6 + 1e-12);
      // Two tilts leave the angle to the plane within the sum of both.
      expect(Math.acos(draw({ tilt: 10 })[0]!)).toBeLessThanOrEqual((20 * Math.PI) / 180);
    }),
  );
});

test('every turn is rigid in voxels, about the middle of the patch', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const affine = drawAffine({ ...OFF, rotate: true, tilt: true }, SIZE, seededRandom(seed));
      const rows = [0, 4, 8].map((at) => affine.slice(at, at + 3));
      rows.forEach((row, i) => {
        rows.forEach((other, j) => {
          expect(row.reduce((sum, value, k) => sum + value * other[k]!, 0)).toBeCloseTo(i === j ? 1 : 0, 12);
        });
        const middle = row.reduce((sum, value, k) => sum + (value * (SIZE[k]! - 1)) / 2, affine[4 * i + 3]!);
        expect(middle).toBeCloseTo((SIZE[i]! - 1) / 2, 10);
      });
    }),
  );
});

test('a config of another strength leaves the other draws as they are', () => {
  const flips = (config: AugmentationConfig) => stretches(drawAffine(config, SIZE, seededRandom(9))).map(Math.sign);
  expect(flips({ ...OFF, flip: true, shift: 0.1, scale: 0.1, zoom: 0.1 })).toEqual(flips({ ...OFF, flip: true }));
});

test('patches of another contract keep its size and its padding', () => {
  const contract: PatchContract = { ...LUNA_PATCH, patchSize: [4, 6, 10], padding: -500 };
  const target = new Float32Array(240);
  createAugmenter(contract, { ...ALL, shift: 4, noise: 0 })(new Int16Array(240), target, seededRandom(3));
  expect(target.every((value) => value >= -500 && value <= 0)).toBe(true);
  expect(target).toContain(-500);
});

function voxel(patch: Int16Array | Float32Array, s: number, r: number, c: number): number {
  const inside = s >= 0 && s < 32 && r >= 0 && r < 48 && c >= 0 && c < 48;
  return inside ? patch[(s * 48 + r) * 48 + c]! : -1000;
}

/** The definition, one voxel at a time. */
function eightTaps(affine: Affine, s: number, r: number, c: number): number {
  const at = [0, 4, 8].map((i) => affine[i]! * s + affine[i + 1]! * r + affine[i + 2]! * c + affine[i + 3]!);
  let sum = 0;
  for (let tap = 0; tap < 8; tap++) {
    const places = at.map((position, axis) => Math.floor(position) + ((tap >> axis) & 1)) as [number, number, number];
    const weight = places.reduce((product, index, axis) => product * (1 - Math.abs(at[axis]! - index)), 1);
    sum += weight * voxel(source, ...places);
  }
  return sum;
}
