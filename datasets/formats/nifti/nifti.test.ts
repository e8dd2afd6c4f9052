import { mkdtemp, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Volume } from '../../volume';
import { readNifti, writeNifti } from '.';
import { quaternionOf } from './orientation';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nifti-'));
});

const small: Volume = {
  hu: Int16Array.from({ length: 24 }, (_, i) => i * 100 - 1000),
  size: [2, 3, 4],
  spacingXyz: [0.5, 0.75, 2.5],
  originXyz: [-180.5, 33.25, -600.125],
  direction: [0, 1, 0, -1, 0, 0, 0, 0, -1],
};

describe('round trips', () => {
  test.each(['a.nii', 'a.nii.gz'])(
    'what is written as %s is read back: voxels to the bit, a place of float32 too',
    async (file) => {
      for (const hu of [
        small.hu,
        Float32Array.from(small.hu, (v) => v + 0.5),
        Float64Array.from(small.hu, (v) => v + 0.1),
      ]) {
        await writeNifti(join(folder, file), { ...small, hu });
        expect(await readNifti(join(folder, file))).toEqual({ ...small, hu });
      }
    },
  );

  const unit = fc
    .tuple(
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }),
    )
    .filter((q) => Math.hypot(...q) > 0.1)
    .map((q) => q.map((v) => v / Math.hypot(...q)) as [number, number, number, number]);

  test('any rotation, reflected or not, is the same through the qform as through the sform', async () => {
    await fc.assert(
      fc.asyncProperty(unit, fc.boolean(), async ([a, b, c, d], mirrored) => {
        const direction = [
          ...[a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)],
          ...[2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)],
          ...[2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c].map((v) => (mirrored ? -v : v)),
        ];
        await writeNifti(join(folder, 'a.nii'), { ...small, direction });
        const bySform = await readNifti(join(folder, 'a.nii'));
        await patch('a.nii', (view) => {
          view.setInt16(254, 0, true);
        });
        const byQform = await readNifti(join(folder, 'a.nii'));
        for (let i = 0; i < 9; i++) {
          expect(bySform.direction[i]).toBeCloseTo(direction[i]!, 6);
          // Near half a turn the quaternion's first part, which is not stored, is the root of float32's rounding.
          expect(Math.abs(byQform.direction[i]! - direction[i]!)).toBeLessThan(2e-3);
        }
        expect(byQform.originXyz).toEqual(small.originXyz);
        expect(byQform.spacingXyz[2]).toBeCloseTo(2.5, 6);
      }),
      { numRuns: 60 },
    );
  });

  test('a sheared volume has no qform and keeps its shear', async () => {
    const direction = [1, 0, 0, 0, 0.8, 0.6, 0, 0, 1];
    expect(quaternionOf(direction)).toBeUndefined();
    await writeNifti(join(folder, 'a.nii'), { ...small, direction });
    const back = await readNifti(join(folder, 'a.nii'));
    back.direction.forEach((value, i) => {
      expect(value).toBeCloseTo(direction[i]!, 6);
    });
  });
});

describe('reading what others write', () => {
  test('a pair of .hdr and .img, each plain or gzipped, whichever of the two is named', async () => {
    await writeNifti(join(folder, 'one.nii'), small);
    const bytes = await readFile(join(folder, 'one.nii'));
    const header = Buffer.from(bytes.subarray(0, 348));
    header.write('ni1\0', 344, 'latin1');
    header.writeFloatLE(0, 108);
    for (const [suffix, pack] of [
      ['', (b: Buffer) => b],
      ['.gz', gzipSync],
    ] as const) {
      await writeFile(join(folder, `two.hdr${suffix}`), pack(header));
      await writeFile(join(folder, `two.img${suffix}`), pack(bytes.subarray(352)));
      expect(await readNifti(join(folder, `two.hdr${suffix}`))).toEqual(small);
      expect(await readNifti(join(folder, `two.img${suffix}`))).toEqual(small);
      await rename(join(folder, `two.img${suffix}`), join(folder, 'gone'));
      await expect(readNifti(join(folder, `two.hdr${suffix}`))).rejects.toMatchObject({ code: 'NIFTI_NOT_FOUND' });
    }
  });

  test('metres and micrometres become millimetres', async () => {
    await writeNifti(join(folder, 'a.nii'), small);
    for (const [units, factor] of [
      [1, 1000],
      [3, 0.001],
      [0, 1],
    ] as const) {
      await patch('a.nii', (view) => {
        view.setUint8(123, units);
      });
      const { spacingXyz, originXyz } = await readNifti(join(folder, 'a.nii'));
      expect(spacingXyz[2]).toBeCloseTo(2.5 * factor, 9);
      expect(originXyz[0]).toBeCloseTo(-180.5 * factor, 9);
    }
  });

  test('a slope of 0 or NaN rescales nothing, another one in float64', async () => {
    await writeNifti(join(folder, 'a.nii'), small);
    for (const slope of [0, NaN, Infinity]) {
      await patch('a.nii', (view) => {
        view.setFloat32(112, slope, true);
        view.setFloat32(116, 7, true);
      });
      expect((await readNifti(join(folder, 'a.nii'))).hu).toEqual(small.hu);
    }
    await patch('a.nii', (view) => {
      view.setFloat32(112, 2, true);
      view.setFloat32(116, -24, true);
    });
    expect((await readNifti(join(folder, 'a.nii'))).hu).toEqual(small.hu.map((v) => v * 2 - 24));
    await patch('a.nii', (view) => {
      view.setFloat32(112, 0.1, true);
    });
    const tenth = Math.fround(0.1);
    expect((await readNifti(join(folder, 'a.nii'))).hu).toEqual(Float64Array.from(small.hu, (v) => v * tenth - 24));
  });
});

describe('a bad file is named', () => {
  const short = (at: number, value: number) => (view: DataView) => {
    view.setInt16(at, value, true);
  };
  const float = (at: number, value: number) => (view: DataView) => {
    view.setFloat32(at, value, true);
  };

  test.each<[string, string, (view: DataView) => void]>([
    ['it is no header', 'NIFTI_NOT_A_HEADER', short(0, 7)],
    ['it is of Analyze 7.5', 'NIFTI_NOT_A_HEADER', short(344, 0)],
    ['it has no axis', 'NIFTI_BAD_VALUE', short(40, 0)],
    ['a size is negative', 'NIFTI_BAD_VALUE', short(42, -4)],
    [
      'it is a series of volumes',
      'NIFTI_UNSUPPORTED',
      (view) => {
        short(40, 4)(view);
        short(48, 2)(view);
      },
    ],
    ['it has colours', 'NIFTI_UNSUPPORTED', short(70, 128)],
    ['it is of complex numbers', 'NIFTI_UNSUPPORTED', short(70, 32)],
    ['the type is unknown', 'NIFTI_UNSUPPORTED', short(70, 3)],
    [
      'the size would take terabytes',
      'NIFTI_TOO_LARGE',
      (view) => {
        [42, 44, 46].forEach((at) => {
          short(at, 32767)(view);
        });
      },
    ],
    ['there are too few voxels', 'NIFTI_TRUNCATED', short(46, 3)],
    ['there are too many voxels', 'NIFTI_WRONG_SIZE', short(46, 1)],
    ['the voxels stand in the header', 'NIFTI_BAD_VALUE', float(108, 100)],
    ['the voxels stand at no place', 'NIFTI_BAD_VALUE', float(108, NaN)],
    ['the intercept is no number', 'NIFTI_BAD_VALUE', float(116, NaN)],
    ['the place is no number', 'NIFTI_BAD_VALUE', float(292, NaN)],
    [
      'two directions coincide',
      'NIFTI_BAD_VALUE',
      (view) => {
        for (let i = 0; i < 12; i++) float(280 + 4 * i, 1)(view);
      },
    ],
    [
      'the quaternion is no rotation',
      'NIFTI_BAD_VALUE',
      (view) => {
        short(254, 0)(view);
        float(256, 2)(view);
      },
    ],
    [
      'the spacing is zero',
      'NIFTI_BAD_VALUE',
      (view) => {
        short(254, 0)(view);
        float(80, 0)(view);
      },
    ],
  ])('when %s: %s', async (_name, code, change) => {
    for (const file of ['a.nii', 'a.nii.gz']) {
      await writeNifti(join(folder, file), small);
      await patch(file, change);
      await expect(readNifti(join(folder, file))).rejects.toMatchObject({ code });
    }
  });

  test('a packed file that is cut off or damaged is refused', async () => {
    await writeNifti(join(folder, 'a.nii.gz'), {
      ...small,
      hu: Int16Array.from({ length: 24 }, (_, i) => (i * 7919) % 1000),
    });
    const bytes = await readFile(join(folder, 'a.nii.gz'));
    await writeFile(join(folder, 'a.nii.gz'), bytes.subarray(0, bytes.length - 20));
    await expect(readNifti(join(folder, 'a.nii.gz'))).rejects.toMatchObject({ code: 'NIFTI_TRUNCATED' });
    bytes.fill(0xff, 14, 40);
    await writeFile(join(folder, 'a.nii.gz'), bytes);
    await expect(readNifti(join(folder, 'a.nii.gz'))).rejects.toMatchObject({
      code: expect.stringMatching(/NIFTI_(CORRUPT|NOT_A_HEADER)/) as string,
    });
  });

  test('a name that is no NIfTI and an axis too long are refused, and nothing is written', async () => {
    await expect(writeNifti(join(folder, 'a.hdr'), small)).rejects.toMatchObject({ code: 'NIFTI_BAD_EXTENSION' });
    const long = { ...small, hu: new Int16Array(32768), size: [1, 1, 32768] as const };
    await expect(writeNifti(join(folder, 'a.nii'), long)).rejects.toMatchObject({ code: 'NIFTI_AXIS_TOO_LONG' });
    expect(await readdir(folder)).toEqual([]);
  });
});

/** Changes bytes of a header on disk. */
async function patch(file: string, change: (view: DataView) => void): Promise<void> {
  const packed = file.endsWith('.gz');
  const stored = await readFile(join(folder, file));
  const bytes = Uint8Array.from(packed ? gunzipSync(stored) : stored);
  change(new DataView(bytes.buffer));
  await writeFile(join(folder, file), packed ? gzipSync(bytes) : bytes);
}
