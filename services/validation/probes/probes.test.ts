import fc from 'fast-check';
import { seededRandom } from 'seeded-random';
import {
  cutPatch,
  ircToXyz,
  voxelsOf,
  type Candidate,
  type Irc,
  type PatchContract,
  type Volume,
} from '../../../datasets';
import { PROBE_NAMES, PROBES, probesSettings, type ProbeDescription, type ProbeName } from './settings';
import { reconstructionNoise } from './noise-texture';
import { sampleCases } from './sample-cases';
import { halfSampleMode, noiseOfScan } from './scan-noise';
import { disturbPatch } from './score-probes';

const SIZE: Irc = [24, 40, 44];
const PLACEMENT = {
  spacingXyz: [0.7, 0.6, 1.5],
  originXyz: [-30, 12, 5],
  direction: [1, 0, 0, 0, 1, 0, 0, 0, -1],
} as const;
/** By voxels, and by millimetres; with room for whatever noise adds. */
const NATIVE: PatchContract = {
  patchSize: [8, 14, 16],
  unit: 'HU',
  clip: [-9000, 9000],
  padding: -9000,
  resampleMm: null,
};
const RESAMPLED: PatchContract = { ...NATIVE, resampleMm: 1 };
const TRAITS = { noiseHu: 30, texture: reconstructionNoise(0.6, 0.7) };

function scanOf(value: (irc: Irc) => number, spacingXyz: Volume['spacingXyz'] = PLACEMENT.spacingXyz): Volume {
  const [slices, rows, columns] = SIZE;
  const hu = new Float32Array(slices * rows * columns);
  for (let i = 0; i < hu.length; i++) {
    hu[i] = value([Math.floor(i / (rows * columns)), Math.floor(i / columns) % rows, i % columns]);
  }
  return { hu, size: SIZE, ...PLACEMENT, spacingXyz };
}

const random = seededRandom('scan');
const textured = scanOf(() => 300 * random.normal() - 500);
const MIDDLE: Irc = [12, 20, 22];

function disturb(
  scan: Volume,
  place: Irc,
  probe: ProbeName,
  strength: number,
  { contract = NATIVE, id = 'a', seed = 1 }: { contract?: PatchContract; id?: string; seed?: number } = {},
): Int16Array {
  const patch = new Int16Array(voxelsOf(contract));
  disturbPatch(scan, { id, xyz: ircToXyz(place, scan) }, { probe, strength }, TRAITS, contract, seed, patch);
  return patch;
}

function plainPatch(scan: Volume, place: Irc, contract = NATIVE): Int16Array {
  const patch = new Int16Array(voxelsOf(contract));
  cutPatch(scan, ircToXyz(place, scan), patch, contract);
  return patch;
}

const differences = (a: Int16Array, b: Int16Array) => Array.from(a, (value, i) => value - b[i]!);
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: ArrayLike<number>) => {
  const middle = mean(values);
  return Math.sqrt(mean(Array.from(values, (value) => (value - middle) ** 2)));
};
/** Places in the scan, its edges and fractions of a voxel included. */
const anyPlace = fc.tuple(
  ...SIZE.map((size) => fc.double({ min: -0.49, max: size - 0.51, noNaN: true })),
) as unknown as fc.Arbitrary<Irc>;
const anyContract = fc.constantFrom(NATIVE, RESAMPLED);

describe('every probe', () => {
  const neutral = PROBE_NAMES.filter((probe) => PROBES[probe].neutral !== null);

  test.each(neutral)(
    '%s leaves the patch as it is at the strength that disturbs nothing, anywhere in a scan',
    (probe) => {
      fc.assert(
        fc.property(anyPlace, anyContract, (place, contract) => {
          // Nothing to blur with is no strength that a suite can name.
          const strength = probe === 'blur' ? 0.01 : PROBES[probe].neutral!;
          const disturbed = disturb(textured, place, probe, strength, { contract });
          expect(
            Buffer.compare(Buffer.from(disturbed.buffer), Buffer.from(plainPatch(textured, place, contract).buffer)),
          ).toBe(0);
        }),
        { numRuns: 12 },
      );
    },
  );

  test.each(PROBE_NAMES)('%s pads beyond the scan and nowhere else: a patch inside sees only tissue', (probe) => {
    const tissue = scanOf(() => 0);
    const { strengths, most }: ProbeDescription = PROBES[probe];
    for (const contract of [NATIVE, RESAMPLED]) {
      for (const strength of [...strengths, ...(probe === 'rotation' ? [45, most] : [])]) {
        const patch = disturb(tissue, MIDDLE, probe, strength, { contract });
        expect(Math.min(...patch)).toBeGreaterThan(-1000);
      }
      const corner = disturb(tissue, [0, 0, 0], probe, strengths[0]!, { contract });
      expect(corner.filter((hu) => hu === -9000).length).toBeGreaterThan(corner.length / 3);
    }
  });

  test.each(PROBE_NAMES)('%s gives a case the same voxels again, whatever was done between', (probe) => {
    const { strengths, within }: ProbeDescription = PROBES[probe];
    const first = disturb(textured, MIDDLE, probe, strengths[0]!);
    disturb(textured, [3, 4, 5], probe, within[1], { id: 'b' });
    expect(disturb(textured, MIDDLE, probe, strengths[0]!)).toEqual(first);
  });
});

describe('noise', () => {
  const flat = scanOf(() => 0);

  test('has the standard deviation that the suite names and no mean, of its own for each case and seed', () => {
    const contract: PatchContract = { ...NATIVE, patchSize: [20, 40, 40] };
    const found = disturb(flat, MIDDLE, 'noise', 40, { contract });
    expect(Math.abs(deviation(found) / 40 - 1)).toBeLessThan(0.01);
    expect(Math.abs(mean(found))).toBeLessThan(1);
    const twice = disturb(flat, MIDDLE, 'noise', 80, { contract });
    // The same draw at every strength: only rounding to whole HU lies between.
    expect(Math.max(...Array.from(twice, (value, i) => Math.abs(value - 2 * found[i]!)))).toBeLessThanOrEqual(2);
    for (const other of [{ id: 'b' }, { seed: 2 }]) {
      const another = disturb(flat, MIDDLE, 'noise', 40, { contract, ...other });
      expect(Math.abs(mean(another.map((value, i) => (value * found[i]!) / 1600)))).toBeLessThan(0.05);
    }
  });

  test.each([0.5, 0.25, 0.1])('of a scan at %p of its dose is 1/√dose of what it was', (share) => {
    const contract: PatchContract = { ...NATIVE, patchSize: [20, 40, 40] };
    const added = disturb(flat, MIDDLE, 'dose', share, { contract });
    const total = Math.sqrt(deviation(added) ** 2 + TRAITS.noiseHu ** 2);
    expect(Math.abs(total / (TRAITS.noiseHu / Math.sqrt(share)) - 1)).toBeLessThan(0.02);
  });

  test('of a lower dose is alike in neighbouring voxels of a slice and not in neighbouring slices', () => {
    const contract: PatchContract = { ...NATIVE, patchSize: [20, 40, 40] };
    const added = disturb(flat, MIDDLE, 'dose', 0.25, { contract });
    const variance = deviation(added) ** 2;
    const alike = (step: number) => mean(added.subarray(step).map((value, i) => value * added[i]!)) / variance;
    expect(alike(1)).toBeGreaterThan(0.2);
    expect(Math.abs(alike(1600))).toBeLessThan(0.1);
  });

  test('that a scan has by itself is found in its soft tissue, whatever else there is', () => {
    const grain = seededRandom('grain');
    const body = scanOf(([slice, row, column]) => {
      const tissue = column < 24 ? 40 : column < 34 ? -850 : 700 * ((slice + row) % 2);
      return tissue + 25 * grain.normal();
    });
    expect(Math.abs(noiseOfScan(body) / 25 - 1)).toBeLessThan(0.08);
    const lung = scanOf(() => -850 + 40 * grain.normal());
    expect(Math.abs(noiseOfScan(lung) / 40 - 1)).toBeLessThan(0.08);
    expect(noiseOfScan(scanOf(() => -1000))).toBe(0);
  });

  test('has its most frequent level found where most values lie', () => {
    expect(halfSampleMode([1, 2, 5, 5.1, 5.15, 5.3, 9, 20])).toBeCloseTo(5.125, 6);
    expect(halfSampleMode([7])).toBe(7);
  });
});

describe('Hounsfield units', () => {
  test('are moved by an offset and stretched about water by a scale, then clipped as the contract says', () => {
    const steps = scanOf(([, , column]) => 40 * column - 1200);
    const contract = { ...NATIVE, clip: [-1000, 300] as [number, number], padding: -1000 };
    const plain = plainPatch(steps, MIDDLE);
    const clipped = (hu: number) => Math.min(300, Math.max(-1000, hu));
    expect([...disturb(steps, MIDDLE, 'huOffset', -60, { contract })]).toEqual(
      [...plain].map((hu) => clipped(hu - 60)),
    );
    expect([...disturb(steps, MIDDLE, 'huScale', 1.5, { contract })]).toEqual(
      [...plain].map((hu) => clipped(hu * 1.5)),
    );
  });
});

describe('what is not random', () => {
  const slopes = [30, -7, 11] as const;
  const ramp = scanOf((irc) => irc.reduce((sum, index, axis) => sum + index * slopes[axis]!, -200));

  test('a blur keeps a ramp, and the mean and less of the deviation of a texture', () => {
    const moved = differences(disturb(ramp, MIDDLE, 'blur', 0.8), plainPatch(ramp, MIDDLE));
    expect(Math.max(...moved.map(Math.abs))).toBeLessThanOrEqual(1);
    const [before, after] = [plainPatch(textured, MIDDLE), disturb(textured, MIDDLE, 'blur', 1)];
    expect(Math.abs(mean(before) - mean(after))).toBeLessThan(15);
    expect(deviation(after)).toBeLessThan(0.5 * deviation(before));
  });

  test('thicker slices keep a ramp within a slab, and every HU of the scan', () => {
    for (const id of ['a', 'b', 'c']) {
      const moved = differences(disturb(ramp, MIDDLE, 'sliceThickness', 4.5, { id }), plainPatch(ramp, MIDDLE));
      // Voxels are boxes: a slab that cuts one is off by what the ramp rises within it.
      expect(Math.max(...moved.map(Math.abs))).toBeLessThanOrEqual(30);
      expect(Math.abs(mean(moved))).toBeLessThanOrEqual(15);
    }
    const whole: PatchContract = { ...NATIVE, patchSize: [SIZE[0], 14, 16] };
    const thick = disturb(textured, MIDDLE, 'sliceThickness', 6, { contract: whole });
    expect(Math.abs(mean(thick) - mean(plainPatch(textured, MIDDLE, whole)))).toBeLessThan(20);
    expect(deviation(thick)).toBeLessThan(0.6 * deviation(textured.hu));
    expect(disturb(textured, MIDDLE, 'sliceThickness', 1.5)).toEqual(plainPatch(textured, MIDDLE));
  });

  test('a shift of a ramp adds its slope times the shift, along all three axes', () => {
    const rise = 0.5 * (slopes[0] + slopes[1] + slopes[2]);
    const moved = differences(disturb(ramp, MIDDLE, 'shift', 0.5), plainPatch(ramp, MIDDLE));
    expect(new Set(moved)).toEqual(new Set([rise]));
    // A whole voxel is no interpolation.
    expect(disturb(textured, MIDDLE, 'shift', 1)).toEqual(plainPatch(textured, [13, 21, 23]));
  });

  test('a flip keeps the candidate in its place, mirrors what is around it, and undoes itself', () => {
    const [, rows, columns] = NATIVE.patchSize;
    const plain = plainPatch(textured, MIDDLE);
    const flipped = disturb(textured, MIDDLE, 'flip', 2);
    for (let slice = 0; slice < 8; slice++) {
      for (let row = 1; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const at = (r: number) => (slice * rows + r) * columns + column;
          expect(flipped[at(row)]).toBe(plain[at(rows - row)]);
        }
      }
    }
    const mirrored: Volume = { ...textured, hu: new Float32Array(textured.hu.length) };
    for (let i = 0; i < mirrored.hu.length; i++) {
      mirrored.hu[i] = textured.hu[i - (i % SIZE[2]) + (SIZE[2] - 1 - (i % SIZE[2]))]!;
    }
    for (const contract of [NATIVE, RESAMPLED]) {
      const place: Irc = contract === NATIVE ? MIDDLE : [11.3, 19.8, 22.4];
      const back = disturb(mirrored, [place[0], place[1], SIZE[2] - 1 - place[2]], 'flip', 3, { contract });
      expect(back).toEqual(plainPatch(textured, place, contract));
    }
  });

  test('four quarter turns are none, and one moves rows into columns', () => {
    const square = scanOf(() => 0, [0.7, 0.7, 1.5]);
    square.hu.set(textured.hu);
    const contract: PatchContract = { ...NATIVE, patchSize: [4, 13, 13] };
    const plain = plainPatch(square, MIDDLE, contract);
    const turned = disturb(square, MIDDLE, 'rotation', 90, { contract });
    for (let i = 0; i < plain.length; i++) {
      const [slice, row, column] = [Math.floor(i / 169), Math.floor(i / 13) % 13, i % 13];
      expect(turned[i]).toBe(plain[(slice * 13 + column) * 13 + 12 - row]);
    }
    expect(disturb(square, MIDDLE, 'rotation', -180, { contract })).toEqual(
      disturb(square, MIDDLE, 'rotation', 180, { contract }),
    );
  });

  test('a candidate is moved by exactly the millimetres asked, in a direction of its own', () => {
    // Each of three scans tells one coordinate of the middle, a tenth of a millimetre to the HU.
    const [z, y, x] = [0, 1, 2].map((axis) =>
      scanOf((irc) => (irc[axis]! - MIDDLE[axis]!) * PLACEMENT.spacingXyz[2 - axis]! * 100),
    ) as [Volume, Volume, Volume];
    const centre = (4 * 14 + 7) * 16 + 8;
    const moves = ['a', 'b', 'c'].map((id) =>
      [z, y, x].map((scan) => disturb(scan, MIDDLE, 'cropJitter', 3, { contract: RESAMPLED, id })[centre]! / 100),
    );
    for (const move of moves) expect(Math.abs(Math.hypot(...move) - 3)).toBeLessThan(0.02);
    expect(new Set(moves.map(([slice]) => slice)).size).toBe(3);
    expect(() => disturb(textured, [0, 39, 43], 'cropJitter', 20)).not.toThrow();
  });
});

describe('the sample', () => {
  const candidates = Array.from({ length: 90 }, (_, i) => ({ id: `c-${i}`, label: i % 9 === 0 ? 1 : 0 }) as Candidate);

  test('has half of each class as far as there are, and does not depend on the order of the candidates', () => {
    const ids = (list: Candidate[], cases: number, seed: number) =>
      sampleCases(list, cases, seed).map((index) => list[index]!.id);
    const drawn = ids(candidates, 16, 7);
    expect(drawn.filter((id) => Number(id.slice(2)) % 9 === 0)).toHaveLength(8);
    expect(new Set(drawn).size).toBe(16);
    expect(ids(candidates.toReversed(), 16, 7).sort()).toEqual([...drawn].sort());
    expect(ids(candidates, 16, 8)).not.toEqual(drawn);
    // Only ten are positive: all of them, and as many negatives as half.
    expect(ids(candidates, 60, 7)).toHaveLength(40);
  });
});

describe('the settings of a suite', () => {
  test('are every probe with its strengths and range when nothing is said, and each may be changed', () => {
    const { cases, list } = probesSettings.parse({});
    expect(cases).toBe(48);
    expect(list.map(({ probe }) => probe)).toEqual(PROBE_NAMES);
    const changed = probesSettings.parse({ list: ['flip', { probe: 'noise', strengths: [30, 5, 5] }] });
    expect(changed.list).toEqual([
      { probe: 'flip', strengths: [1, 2, 3], within: [1, 3] },
      { probe: 'noise', strengths: [5, 30], within: [0, 20] },
    ]);
    // What is asked for stands in the suite's digest, also where it is left unsaid; and parsing it again changes nothing.
    expect(probesSettings.parse(changed)).toEqual(changed);
  });

  test.each([
    [{ list: ['fog'] }, /must be one of noise, dose/],
    [{ list: ['noise', 'noise'] }, /a probe stands twice/],
    [{ list: [{ probe: 'dose', strengths: [0.5, 2] }] }, /dose has the strength 2: numbers from 0.001 to 1/],
    [{ list: [{ probe: 'flip', strengths: [1.5] }] }, /flip has the strength 1.5: whole numbers from 1 to 3/],
    [{ list: [{ probe: 'noise', strengths: [40] }] }, /none of them lies within 0 to 20/],
    [{ cases: 2 }, /10/],
  ])('%j are refused with the reason', (value, reason) => {
    const { error } = probesSettings.safeParse(value);
    expect(error?.issues.map(({ message }) => message).join()).toMatch(reason);
  });
});
