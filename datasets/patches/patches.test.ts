import fc from 'fast-check';
import type { Candidate, Dataset } from '../manifest';
import { type Irc, type Volume, ircToXyz } from '../volume';
import { LUNA_PATCH, extractPatch, loadPatches, voxelsOf } from '.';

const VOXELS = voxelsOf(LUNA_PATCH);
/** Every voxel of a small scan has its own value, so that a patch shows where it came from. */
const volume: Volume = {
  hu: Int16Array.from({ length: 10 * 12 * 14 }, (_, i) => i - 900),
  size: [10, 12, 14],
  spacingXyz: [0.7, 0.6, 2.5],
  originXyz: [100, -40, 7],
  direction: [-1, 0, 0, 0, 0.8, 0.6, 0, -0.6, 0.8],
};
const at = (patch: Float32Array | Int16Array, [slice, row, column]: Irc) => patch[(slice * 48 + row) * 48 + column];

describe('a patch', () => {
  test('has the voxel nearest to the place in its middle, its neighbours around it, and −1000 beyond the scan', () => {
    const offset = fc.double({ min: -0.49, max: 0.49, noNaN: true });
    const inScan = fc.tuple(
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0, max: 11 }),
      fc.integer({ min: 0, max: 13 }),
    );
    const inPatch = fc.tuple(
      fc.integer({ min: 0, max: 31 }),
      fc.integer({ min: 0, max: 47 }),
      fc.integer({ min: 0, max: 47 }),
    );
    fc.assert(
      fc.property(inScan, fc.tuple(offset, offset, offset), inPatch, (center, offsets, place) => {
        const xyz = ircToXyz([center[0] + offsets[0], center[1] + offsets[1], center[2] + offsets[2]], volume);
        const patch = extractPatch(volume, xyz);
        const [slice, row, column] = [
          center[0] + place[0] - 16,
          center[1] + place[1] - 24,
          center[2] + place[2] - 24,
        ] as const;
        const inside = slice >= 0 && slice < 10 && row >= 0 && row < 12 && column >= 0 && column < 14;
        expect(at(patch, place)).toBe(inside ? volume.hu[(slice * 12 + row) * 14 + column] : -1000);
      }),
    );
  });

  test('is clipped to [-1000, 1000], and what is not a number counts as beyond the scan', () => {
    const hu = Float32Array.of(-2000, -1000, -0.5, 1000, 3071, Number.NaN);
    const patch = extractPatch({ ...volume, hu, size: [1, 1, 6] }, volume.originXyz);
    expect([...patch.subarray((16 * 48 + 24) * 48 + 24).subarray(0, 6)]).toEqual([
      -1000, -1000, -0.5, 1000, 1000, -1000,
    ]);
  });

  test.each<[string, Irc]>([
    ['before the first slice', [-0.6, 5, 5]],
    ['behind the last row', [5, 11.6, 5]],
    ['behind the last column', [5, 5, 13.6]],
  ])('is refused %s: that place is not in the scan', (_name, irc) => {
    expect(() => extractPatch(volume, ircToXyz(irc, volume))).toThrow(
      expect.objectContaining({ code: 'CANDIDATE_OUTSIDE_SCAN', status: 422 }) as Error,
    );
  });

  test('of a place that is no number is refused', () => {
    expect(() => extractPatch(volume, [Number.NaN, 0, 0])).toThrow(/outside its scan/);
  });
});

describe('a set of patches', () => {
  const reads: string[] = [];
  const candidate = (id: string, seriesUid: string, label: 0 | 1, irc: Irc): Candidate => ({
    id,
    seriesUid,
    xyz: ircToXyz(irc, volume),
    label,
    diameterMm: null,
  });
  const candidates = [
    candidate('a-1', 'a', 1, [2, 3, 4]),
    candidate('b-1', 'b', 0, [5, 6, 7]),
    candidate('a-2', 'a', 0, [9, 0, 13]),
  ];
  const dataset: Dataset = {
    dir: '',
    manifest: {
      name: 'made',
      labels: ['other', 'nodule'],
      digest: 'made',
      synthetic: true,
      series: [],
      candidates,
      annotations: [],
    },
    absent: { series: 0, candidates: 0 },
    volume: (uid) => {
      reads.push(uid);
      return Promise.resolve(uid === 'a' ? volume : { ...volume, hu: volume.hu.map((value) => -value) });
    },
  };
  beforeEach(() => {
    reads.length = 0;
  });

  test('is in the order of the candidates, from one reading of each scan', async () => {
    const told: [number, number][] = [];
    const { hu, labels } = await loadPatches(dataset, candidates, {
      onProgress: (done, total) => told.push([done, total]),
    });
    expect(reads).toEqual(['a', 'b']);
    expect([...labels]).toEqual([1, 0, 0]);
    for (const [i, { xyz, seriesUid }] of candidates.entries()) {
      const expected = extractPatch(await dataset.volume(seriesUid), xyz);
      expect(isSame(hu.slice(i * VOXELS, (i + 1) * VOXELS), Int16Array.from(expected))).toBe(true);
    }
    expect(told).toEqual([
      [2, 3],
      [3, 3],
    ]);
  });

  test('that memory cannot hold is refused before memory is taken', async () => {
    const many = Array.from({ length: 30_000_000 / 8 }, () => candidates[0]!);
    await expect(loadPatches(dataset, many)).rejects.toMatchObject({ code: 'PATCHES_TOO_MANY' });
  });
});

/** Jest's own comparison walks the voxels one at a time. */
function isSame(a: Int16Array, b: Int16Array): boolean {
  return Buffer.from(a.buffer).equals(Buffer.from(b.buffer));
}
