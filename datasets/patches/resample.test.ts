import fc from 'fast-check';
import { type Irc, type Volume, ircToXyz } from '../volume';
import { LUNA_PATCH, type PatchContract, extractPatch } from '.';

/** A scan whose HU rises linearly along each axis: trilinear samples of it are exact. */
const slopes = [3, -2, 0.5] as const;
const ramp = (place: Irc) => place.reduce((sum, index, axis) => sum + index * slopes[axis]!, 40);
const SIZE: Irc = [12, 15, 18];
const volume: Volume = {
  hu: Float64Array.from({ length: 12 * 15 * 18 }, (_, i) =>
    ramp([Math.floor(i / 270), Math.floor(i / 18) % 15, i % 18]),
  ),
  size: SIZE,
  spacingXyz: [0.7, 0.6, 2.5],
  originXyz: [100, -40, 7],
  direction: [-1, 0, 0, 0, 0.8, 0.6, 0, -0.6, 0.8],
};
const contract = (changes: Partial<PatchContract>): PatchContract => ({
  ...LUNA_PATCH,
  patchSize: [5, 7, 6],
  resampleMm: 1,
  ...changes,
});
const inScan = fc.tuple(...SIZE.map((size) => fc.double({ min: -0.4, max: size - 0.6, noNaN: true }))) as fc.Arbitrary<
  [number, number, number]
>;

test('a resampled patch has the exact place in its middle and its neighbours that many millimetres apart', () => {
  fc.assert(
    fc.property(inScan, fc.double({ min: 0.3, max: 4, noNaN: true }), (place, resampleMm) => {
      const patch = extractPatch(volume, ircToXyz(place, volume), contract({ resampleMm }));
      const spacings = [2.5, 0.6, 0.7];
      for (let i = 0; i < patch.length; i++) {
        const steps = [Math.floor(i / 42) - 2, (Math.floor(i / 6) % 7) - 3, (i % 6) - 3];
        const at = place.map((index, axis) => index + (steps[axis]! * resampleMm) / spacings[axis]!) as [
          number,
          number,
          number,
        ];
        const edge = at.some(
          (index, axis) => Math.min(Math.abs(index + 0.5), Math.abs(index - SIZE[axis]! + 0.5)) < 1e-6,
        );
        if (edge) continue;
        const outside = at.some((index, axis) => index < -0.5 || index >= SIZE[axis]! - 0.5);
        // Half a voxel beyond the outermost centres still has their value.
        const held = at.map((index, axis) => Math.min(Math.max(index, 0), SIZE[axis]! - 1)) as [number, number, number];
        expect(Math.abs(patch[i]! - (outside ? -1000 : ramp(held)))).toBeLessThan(1e-4);
      }
    }),
  );
});

test('a scan that already has the asked spacing gives the same patch as one cut by voxels', () => {
  const isotropic = { ...volume, spacingXyz: [1, 1, 1] as const, hu: Int16Array.from(volume.hu, Math.round) };
  const center = ircToXyz([4, 6, 9], isotropic);
  expect(extractPatch(isotropic, center, contract({}))).toEqual(
    extractPatch(isotropic, center, contract({ resampleMm: null })),
  );
});

test('clip and padding are those of the contract, and what is not a number counts as beyond the scan', () => {
  const holed = { ...volume, hu: Float32Array.from(volume.hu) };
  holed.hu[(6 * 15 + 7) * 18 + 9] = Number.NaN;
  const center = ircToXyz([6, 7, 9], volume);
  for (const resampleMm of [null, 0.5]) {
    const patch = extractPatch(holed, center, contract({ resampleMm, clip: [30, 60], padding: 35 }));
    expect(patch[(2 * 7 + 3) * 6 + 3]).toBe(35);
    expect(Math.min(...patch)).toBeGreaterThanOrEqual(30);
    expect(Math.max(...patch)).toBeLessThanOrEqual(60);
  }
});

test('a patch wider than the scan is padded on every side', () => {
  const patch = extractPatch(volume, ircToXyz([6, 7, 9], volume), contract({ patchSize: [64, 40, 40] }));
  expect([patch[0], patch.at(-1)]).toEqual([-1000, -1000]);
  expect(patch.some((hu) => hu !== -1000)).toBe(true);
});
