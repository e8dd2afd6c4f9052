import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type Volume, type Voxels, exactVoxels } from '../../volume';
import { digestMetaImage, locateMetaImage, openMetaImage, parseMetaImage, readMetaImage, writeMetaImage } from '.';
import type { ElementType } from './element-types';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metaimage-'));
});

const small: Volume = {
  hu: Int16Array.from({ length: 2 * 3 * 4 }, (_, i) => i * 100 - 1000),
  size: [2, 3, 4],
  spacingXyz: [0.7, 0.8, 2.5],
  originXyz: [-180.5, 33.25, -600.125],
  direction: [0, 1, 0, -1, 0, 0, 0, 0, -1],
};

describe('round trips', () => {
  const finite = { noNaN: true, noDefaultInfinity: true };
  const volumes = fc
    .record({
      size: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
      spacing: fc.double({ min: 0.1, max: 10, ...finite }),
      origin: fc.double({ min: -1e4, max: 1e4, ...finite }),
      direction: fc.constantFrom(
        [1, 0, 0, 0, 1, 0, 0, 0, 1],
        [-1, 0, 0, 0, -1, 0, 0, 0, 1],
        [0.8, 0.6, 0, -0.6, 0.8, 0, 0, 0, 1],
      ),
      whole: fc.boolean(),
    })
    .chain(({ size, spacing, origin, direction, whole }) => {
      const length = size[0] * size[1] * size[2];
      const geometry = {
        size,
        spacingXyz: [spacing, spacing, 1] as const,
        originXyz: [0 + origin, 0, 0 - origin] as const,
        direction,
      };
      const hu: fc.Arbitrary<Voxels> = whole
        ? fc
            .array(fc.integer({ min: -32768, max: 32767 }), { minLength: length, maxLength: length })
            .map((v) => Int16Array.from(v))
        : fc
            .array(fc.float(finite), { minLength: length, maxLength: length })
            .map((v) => exactVoxels(Float32Array.from(v)));
      return hu.map((values): Volume => ({ hu: values, ...geometry }));
    });

  test.each([
    ['.mhd with .raw', 'scan.mhd', false],
    ['.mhd with .zraw', 'scan.mhd', true],
    ['.mha', 'scan.mha', false],
    ['.mha compressed', 'scan.mha', true],
  ])('what is written as %s is read back to the bit', async (_name, file, compressed) => {
    await fc.assert(
      fc.asyncProperty(volumes, async (volume) => {
        await writeMetaImage(join(folder, file), volume, { compressed });
        expect(await readMetaImage(join(folder, file))).toEqual(volume);
      }),
      { numRuns: 25 },
    );
  });

  test.each([
    ['MET_CHAR', 1, Int16Array, [-128, 0, 127]],
    ['MET_UCHAR', 1, Int16Array, [0, 1, 255]],
    ['MET_SHORT', 2, Int16Array, [-32768, 0, 32767]],
    ['MET_USHORT', 2, Int16Array, [0, 1, 32767]],
    ['MET_USHORT', 2, Float32Array, [0, 1, 65535]],
    ['MET_INT', 4, Int16Array, [-32768, -1, 32767]],
    ['MET_INT', 4, Float32Array, [-32769, 0, 1 << 24]],
    ['MET_UINT', 4, Float32Array, [0, 1, 2 ** 31]],
    ['MET_LONG', 4, Int16Array, [-1024, 0, 3071]],
    ['MET_ULONG', 4, Int16Array, [0, 1, 3071]],
    ['MET_LONG_LONG', 8, Int16Array, [-1024, 0, 3071]],
    ['MET_ULONG_LONG', 8, Float32Array, [0, 1, 2 ** 40]],
    ['MET_FLOAT', 4, Float32Array, [-1000.5, 0, 0.25]],
    ['MET_FLOAT', 4, Int16Array, [-1000, 0, 3]],
    ['MET_DOUBLE', 8, Float32Array, [-1000.5, 0, 0.25]],
    ['MET_DOUBLE', 8, Float64Array, [-1000.1, 0, 0.25]],
    ['MET_LONG_LONG', 8, Float64Array, [-(2 ** 53) + 1, 0, 2 ** 52 + 1]],
    ['MET_INT', 4, Float64Array, [-(2 ** 31), 0, (1 << 24) + 1]],
  ] as const)('%s (%i bytes) becomes %p, in either byte order', (type, width, Kind, values) => {
    for (const bigEndian of [false, true]) {
      const header = headerOf({
        DimSize: '3 1 1',
        ElementType: type,
        BinaryDataByteOrderMSB: bigEndian ? 'True' : 'False',
      });
      const { hu } = parseMetaImage(Buffer.from(header), encode(values, type, width, bigEndian));
      expect(hu).toBeInstanceOf(Kind);
      expect([...hu]).toEqual([...values]);
    }
  });
});

describe('writing another type of element', () => {
  test.each<[ElementType, number[]]>([
    ['MET_CHAR', [-128, 0, 127]],
    ['MET_UCHAR', [0, 7, 255]],
    ['MET_USHORT', [0, 1, 32767]],
    ['MET_INT', [-1024, 0, 3071]],
    ['MET_UINT', [0, 0, 3071]],
    ['MET_LONG_LONG', [-1024, -1, 3071]],
    ['MET_ULONG_LONG', [0, 1, 3071]],
    ['MET_FLOAT', [-1024, 0, 3071]],
    ['MET_DOUBLE', [-1024, 0, 3071]],
  ])('%s holds what fits', async (elementType, values) => {
    const volume = { ...small, hu: Int16Array.from(values), size: [1, 1, 3] as const };
    await writeMetaImage(join(folder, 'a.mha'), volume, { elementType });
    expect(await readFile(join(folder, 'a.mha'), 'latin1')).toContain(`ElementType = ${elementType}\n`);
    expect(await readMetaImage(join(folder, 'a.mha'))).toEqual(volume);
  });

  test.each<[ElementType, Voxels]>([
    ['MET_UCHAR', Int16Array.of(0, 256)],
    ['MET_USHORT', Int16Array.of(0, -1)],
    ['MET_ULONG_LONG', Int16Array.of(0, -1)],
    ['MET_SHORT', Float32Array.of(0, 0.5)],
    ['MET_INT', Float32Array.of(0, NaN)],
    ['MET_FLOAT', Float64Array.of(0, 0.1)],
  ])('%s is refused what it cannot hold, and no file is left', async (elementType, hu) => {
    const volume = { ...small, hu, size: [1, 1, 2] as const };
    await expect(writeMetaImage(join(folder, 'a.mha'), volume, { elementType })).rejects.toMatchObject({
      code: 'VOXELS_DO_NOT_FIT',
      details: { voxel: 1, value: hu[1] },
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('reading what others write', () => {
  const voxels = Buffer.from(Int16Array.from([1, 2, 3]).buffer);
  const three = { DimSize: '3 1 1' };

  test('an image is read from memory as from disk, and keeps no hold on the bytes it came from', async () => {
    await writeMetaImage(join(folder, 'a.mha'), small, { compressed: true });
    await writeMetaImage(join(folder, 'b.mhd'), small);
    const raw = await readFile(join(folder, 'b.raw'));
    expect(parseMetaImage(await readFile(join(folder, 'a.mha')))).toEqual(small);
    const volume = parseMetaImage(await readFile(join(folder, 'b.mhd')), raw);
    raw.fill(0);
    expect(volume).toEqual(small);
  });

  test('bytes before the voxels are skipped: HeaderSize of them, or with -1 as many as there are', () => {
    const data = Buffer.concat([Buffer.alloc(7, 9), voxels]);
    for (const HeaderSize of ['7', '-1']) {
      expect([...parseMetaImage(Buffer.from(headerOf({ ...three, HeaderSize })), data).hu]).toEqual([1, 2, 3]);
    }
  });

  test.each([
    ['zlib', deflateSync(voxels)],
    ['gzip', gzipSync(voxels)],
    ['zlib with bytes after it', Buffer.concat([deflateSync(voxels), Buffer.alloc(5, 1)])],
  ])('voxels packed with %s are unpacked', (_name, packed) => {
    expect([...parseMetaImage(Buffer.from(headerOf({ ...three, CompressedData: 'True' })), packed).hu]).toEqual([
      1, 2, 3,
    ]);
  });

  test('the synonyms Position, Rotation and CRLF line ends are understood; the direction may be left out', () => {
    const text = headerOf({ ...three, Position: '1 2 3', Rotation: '0 1 0 1 0 0 0 0 1', Offset: undefined });
    const volume = parseMetaImage(Buffer.from(text.replaceAll('\n', '\r\n')), voxels);
    expect(volume.originXyz).toEqual([1, 2, 3]);
    expect(volume.direction).toEqual([0, 1, 0, 1, 0, 0, 0, 0, 1]);
    expect(parseMetaImage(Buffer.from(headerOf(three)), voxels).direction).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });
});

describe('one file a slice', () => {
  const slices = [
    [1, 2],
    [-3, 4],
    [5, 6],
  ].map((values) => Buffer.from(Int16Array.from(values).buffer));
  const fields = { DimSize: '2 1 3' };

  test.each([
    ['a list in its order', 'LIST\ns3.raw\r\n\ns1.raw\ns2.raw\n', [5, 6, 1, 2, -3, 4]],
    ['a list of two-dimensional files', 'LIST 2D\ns1.raw\ns2.raw\ns3.raw', [1, 2, -3, 4, 5, 6]],
    ['a pattern', 's%d.raw 1 3 1', [1, 2, -3, 4, 5, 6]],
    ['a pattern that counts down', 's%01d.raw 3 1 -1', [5, 6, -3, 4, 1, 2]],
    ['a pattern without numbers', 's%d.raw', [1, 2, -3, 4, 5, 6]],
  ])('is read through %s', async (_name, ElementDataFile, expected) => {
    for (const [i, bytes] of slices.entries()) await writeFile(join(folder, `s${i + 1}.raw`), bytes);
    await writeFile(join(folder, 'scan.mhd'), headerOf({ ...fields, ElementDataFile }));
    expect([...(await readMetaImage(join(folder, 'scan.mhd'))).hu]).toEqual(expected);
    const scan = await openMetaImage(join(folder, 'scan.mhd'));
    expect([...scan.readRegion([1, 0, 1], [1, 1, 1])]).toEqual([expected[3]]);
  });

  test('may be packed each by itself, behind a header of its own, and has the digest of the whole', async () => {
    for (const [i, bytes] of slices.entries()) {
      await writeFile(join(folder, `s${i + 1}.raw`), Buffer.concat([Buffer.alloc(5), deflateSync(bytes)]));
    }
    const packed = { CompressedData: 'True', HeaderSize: '5', ElementDataFile: 's%d.raw' };
    await writeFile(join(folder, 'scan.mhd'), headerOf({ ...fields, ...packed }));
    await writeFile(join(folder, 'whole.raw'), Buffer.concat(slices));
    await writeFile(join(folder, 'whole.mhd'), headerOf({ ...fields, ElementDataFile: 'whole.raw' }));
    const [split, whole] = [
      await locateMetaImage(join(folder, 'scan.mhd')),
      await locateMetaImage(join(folder, 'whole.mhd')),
    ];
    expect(await readMetaImage(join(folder, 'scan.mhd'))).toEqual(await readMetaImage(join(folder, 'whole.mhd')));
    expect(await digestMetaImage(split)).toBe(await digestMetaImage(whole));
  });

  test('that is missing, short or outside the folder is told by name', async () => {
    await writeFile(join(folder, 's1.raw'), slices[0]!);
    await writeFile(join(folder, 's2.raw'), slices[1]!.subarray(0, 3));
    const read = async (ElementDataFile: string) => {
      await writeFile(join(folder, 'scan.mhd'), headerOf({ ...fields, ElementDataFile }));
      return readMetaImage(join(folder, 'scan.mhd'));
    };
    await expect(read('LIST\ns1.raw\ns9.raw\ns1.raw')).rejects.toMatchObject({
      code: 'METAIMAGE_NOT_FOUND',
      details: { file: join(folder, 's9.raw') },
    });
    await expect(read('s%d.raw 1 3 1')).rejects.toMatchObject({ code: 'METAIMAGE_TRUNCATED' });
    await expect(read('LIST\ns1.raw\n../s1.raw\ns1.raw')).rejects.toMatchObject({ code: 'METAIMAGE_UNSAFE_NAME' });
    await expect(read('LIST\n.\n.\n.')).rejects.toMatchObject({ code: 'METAIMAGE_NOT_FOUND' });
    await expect(read('LIST\nscan.mhd\nscan.mhd\nscan.mhd')).rejects.toMatchObject({ code: 'METAIMAGE_WRONG_SIZE' });
  });
});

test('a slice is a volume of one, and further axes of one element are ignored', () => {
  const [slice, series] = [
    { NDims: '2', DimSize: '3 1', ElementSpacing: '2 3', Offset: '4 5', TransformMatrix: '0 1 -1 0' },
    {
      NDims: '4',
      DimSize: '3 1 1 1',
      ElementSpacing: '2 3 1 9',
      Offset: '4 5 0 9',
      TransformMatrix: '0 1 0 0 -1 0 0 0 0 0 1 0 0 0 0 1',
    },
  ].map((fields) => parseMetaImage(Buffer.from(headerOf(fields)), Buffer.from(Int16Array.of(1, 2, 3).buffer)));
  expect(slice).toEqual(series);
  expect(slice).toMatchObject({ size: [1, 1, 3], spacingXyz: [2, 3, 1], direction: [0, 1, 0, -1, 0, 0, 0, 0, 1] });
});

test('a scan that tells no origin is placed at 0, and ElementSize stands in for the spacing', () => {
  const header = headerOf({ Offset: undefined, ElementSpacing: undefined, ElementSize: '2 3 4' });
  expect(parseMetaImage(Buffer.from(header), Buffer.alloc(2))).toMatchObject({
    originXyz: [0, 0, 0],
    spacingXyz: [2, 3, 4],
  });
});

test('a pipe, a folder or a circle of links in the place of voxels is refused, and not waited for', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe.raw')]);
  await mkdir(join(folder, 'folder.raw'));
  await symlink('circle.raw', join(folder, 'circle.raw'));
  for (const ElementDataFile of ['pipe.raw', 'folder.raw', 'circle.raw', `${'long'.repeat(100)}.raw`]) {
    await writeFile(join(folder, 'scan.mhd'), headerOf({ ElementDataFile }));
    await expect(readMetaImage(join(folder, 'scan.mhd'))).rejects.toMatchObject({ code: 'METAIMAGE_NOT_FOUND' });
  }
});

describe('the digest of a scan', () => {
  const digestOf = async (file: string) => digestMetaImage(await locateMetaImage(join(folder, file)));

  test('depends on voxels and geometry, not on names and compression', async () => {
    await writeMetaImage(join(folder, 'a.mhd'), small);
    await writeMetaImage(join(folder, 'b.mhd'), small, { compressed: true });
    await writeMetaImage(join(folder, 'c.mha'), small, { compressed: true });
    await writeMetaImage(join(folder, 'moved.mhd'), { ...small, originXyz: [0, 0, 0] });
    await writeMetaImage(join(folder, 'other.mhd'), { ...small, hu: small.hu.map((value) => value + 1) });
    const digest = await digestOf('a.mhd');
    expect(await digestOf('b.mhd')).toBe(digest);
    expect(await digestOf('c.mha')).toBe(digest);
    expect(await digestOf('moved.mhd')).not.toBe(digest);
    expect(await digestOf('other.mhd')).not.toBe(digest);
  });

  test('is refused to a damaged packed file', async () => {
    await writeMetaImage(join(folder, 'a.mhd'), small, { compressed: true });
    await writeFile(join(folder, 'a.zraw'), Buffer.alloc((await readFile(join(folder, 'a.zraw'))).length, 7));
    await expect(digestOf('a.mhd')).rejects.toMatchObject({ code: 'METAIMAGE_CORRUPT' });
  });
});

describe('a bad image is named', () => {
  const one = Buffer.alloc(2);
  const packed = deflateSync(Buffer.alloc(2000, 5));
  const hugeSize = { DimSize: '100000 100000 100000' };
  const thousand = { DimSize: '10 10 10', CompressedData: 'True' };

  test.each<[string, string, Fields, Buffer]>([
    ['a key is missing', 'METAIMAGE_MISSING_KEY', { ElementSpacing: undefined }, one],
    ['a size is no number', 'METAIMAGE_BAD_VALUE', { DimSize: '1 1 x' }, one],
    ['a size is zero', 'METAIMAGE_BAD_VALUE', { DimSize: '1 0 1' }, one],
    ['a spacing is negative', 'METAIMAGE_BAD_VALUE', { ElementSpacing: '1 1 -1' }, one],
    ['two directions coincide', 'METAIMAGE_BAD_VALUE', { TransformMatrix: '1 0 0 1 0 0 0 0 1' }, one],
    ['a flag is neither', 'METAIMAGE_BAD_VALUE', { CompressedData: 'Maybe' }, one],
    ['the element type is unknown', 'METAIMAGE_UNSUPPORTED', { ElementType: 'MET_STRING' }, one],
    ['it has colours', 'METAIMAGE_UNSUPPORTED', { ElementNumberOfChannels: '3' }, one],
    ['it has one dimension', 'METAIMAGE_UNSUPPORTED', { NDims: '1', DimSize: '1' }, one],
    ['it has several volumes', 'METAIMAGE_UNSUPPORTED', { NDims: '4', DimSize: '1 1 1 2' }, one],
    ['NDims and DimSize differ', 'METAIMAGE_BAD_VALUE', { NDims: '2' }, one],
    ['voxels are text', 'METAIMAGE_UNSUPPORTED', { BinaryData: 'False' }, one],
    ['values need rescaling', 'METAIMAGE_UNSUPPORTED', { ElementToIntensityFunctionSlope: '2' }, one],
    [
      'a pattern names too few files',
      'METAIMAGE_BAD_VALUE',
      { DimSize: '1 1 10', ElementDataFile: 's%03d.raw 1 9 1' },
      one,
    ],
    ['a pattern is no number', 'METAIMAGE_BAD_VALUE', { ElementDataFile: 's%s%n.raw 1 1 1' }, one],
    [
      'slices are files that memory has not',
      'METAIMAGE_DATA_MISSING',
      { DimSize: '1 1 2', ElementDataFile: 's%d.raw' },
      one,
    ],
    ['a list is too short', 'METAIMAGE_BAD_VALUE', { DimSize: '1 1 2', ElementDataFile: 'LIST\na.raw' }, one],
    ['a list is of volumes', 'METAIMAGE_UNSUPPORTED', { ElementDataFile: 'LIST 3\na.raw' }, one],
    ['the data is too short', 'METAIMAGE_TRUNCATED', { DimSize: '2 1 1' }, one],
    ['the data is too long', 'METAIMAGE_WRONG_SIZE', { DimSize: '1 1 1' }, Buffer.alloc(4)],
    ['the size would take terabytes', 'METAIMAGE_TOO_LARGE', hugeSize, one],
    ['packed data is cut off', 'METAIMAGE_TRUNCATED', thousand, packed.subarray(0, packed.length - 8)],
    ['packed data is too short', 'METAIMAGE_TRUNCATED', { ...thousand, DimSize: '10 10 11' }, packed],
    ['packed data is too long', 'METAIMAGE_WRONG_SIZE', { ...thousand, DimSize: '10 10 9' }, packed],
    [
      'packed data could never unpack to the size',
      'METAIMAGE_TRUNCATED',
      { ...thousand, DimSize: '800 800 800' },
      packed,
    ],
    ['packed data is damaged', 'METAIMAGE_CORRUPT', thousand, Buffer.alloc(40, 3)],
    [
      'packed data ends before its told length',
      'METAIMAGE_TRUNCATED',
      { ...thousand, CompressedDataSize: '9999' },
      packed,
    ],
  ])('when %s: %s', (_name, code, fields, data) => {
    expect(() => parseMetaImage(Buffer.from(headerOf(fields)), data)).toThrow(withCode(code));
  });

  test('bytes that are no header are refused, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(() => parseMetaImage(bytes)).toThrow(withCode('METAIMAGE_NOT_A_HEADER'));
      }),
    );
  });

  test('a truncated .raw is told with its name and both lengths', async () => {
    await writeMetaImage(join(folder, 'scan.mhd'), small);
    await truncate(join(folder, 'scan.raw'), 40);
    const file = join(folder, 'scan.raw');
    await expect(readMetaImage(join(folder, 'scan.mhd'))).rejects.toMatchObject({
      code: 'METAIMAGE_TRUNCATED',
      details: { file, found: 40, expected: 48 },
    });
  });

  test('a missing .raw and a missing .mhd are told by name', async () => {
    await writeFile(join(folder, 'scan.mhd'), headerOf({ ElementDataFile: 'gone.raw' }));
    for (const [asked, missing] of [
      ['scan.mhd', 'gone.raw'],
      ['none.mhd', 'none.mhd'],
    ] as const) {
      await expect(readMetaImage(join(folder, asked))).rejects.toMatchObject({
        code: 'METAIMAGE_NOT_FOUND',
        details: { file: join(folder, missing) },
      });
    }
  });

  test.each(['/etc/hostname', '../x.raw', 'a/../../x.raw', '..\\x.raw'])(
    'a header cannot reach for %s',
    async (ElementDataFile) => {
      await writeFile(join(folder, 'scan.mhd'), headerOf({ ElementDataFile }));
      await expect(readMetaImage(join(folder, 'scan.mhd'))).rejects.toMatchObject({ code: 'METAIMAGE_UNSAFE_NAME' });
    },
  );

  test('a name that is no MetaImage is refused, and nothing is written', async () => {
    await expect(writeMetaImage(join(folder, 'scan.nii'), small)).rejects.toMatchObject({
      code: 'METAIMAGE_BAD_EXTENSION',
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

type Fields = Record<string, string | undefined>;

function headerOf(fields: Fields): string {
  const all: Fields = {
    ObjectType: 'Image',
    NDims: '3',
    DimSize: '1 1 1',
    ElementSpacing: '1 1 1',
    Offset: '0 0 0',
    ElementType: 'MET_SHORT',
    ...fields,
    ElementDataFile: undefined,
  };
  const lines = Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [`${key} = ${value}\n`]));
  return `${lines.join('')}ElementDataFile = ${fields['ElementDataFile'] ?? 'voxels.raw'}\n`;
}

function encode(values: readonly number[], type: string, width: number, bigEndian: boolean): Buffer {
  const view = new DataView(new ArrayBuffer(values.length * width));
  values.forEach((value, i) => {
    const at = i * width;
    const whole = BigInt.asUintN(64, BigInt(Math.floor(value)));
    if (type === 'MET_FLOAT') view.setFloat32(at, value, !bigEndian);
    else if (type === 'MET_DOUBLE') view.setFloat64(at, value, !bigEndian);
    else if (width === 8) view.setBigUint64(at, whole, !bigEndian);
    else if (width === 4) view.setUint32(at, Number(whole & 0xffffffffn), !bigEndian);
    else if (width === 2) view.setUint16(at, Number(whole & 0xffffn), !bigEndian);
    else view.setUint8(at, Number(whole & 0xffn));
  });
  return Buffer.from(view.buffer);
}

function withCode(code: string): Error {
  return expect.objectContaining({ code }) as Error;
}
