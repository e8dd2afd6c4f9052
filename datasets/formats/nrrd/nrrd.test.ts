import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Volume } from '../../volume';
import { readNrrd, writeNrrd } from '.';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nrrd-'));
});

const small: Volume = {
  hu: Int16Array.from({ length: 24 }, (_, i) => i * 100 - 1000),
  size: [2, 3, 4],
  spacingXyz: [0.5, 0.75, 2.5],
  originXyz: [-180.5, 33.25, -600.125],
  direction: [0, 1, 0, -1, 0, 0, 0, 0, -1],
};

test.each([
  ['.nrrd', 'a.nrrd', false],
  ['.nrrd packed', 'a.nrrd', true],
  ['.nhdr with .raw', 'a.nhdr', false],
  ['.nhdr with .raw.gz', 'a.nhdr', true],
])('what is written as %s is read back to the bit', async (_name, file, compressed) => {
  for (const hu of [
    small.hu,
    Float32Array.from(small.hu, (v) => v + 0.5),
    Float64Array.from(small.hu, (v) => v + 0.1),
  ]) {
    await writeNrrd(join(folder, file), { ...small, hu }, { compressed });
    expect(await readNrrd(join(folder, file))).toEqual({ ...small, hu });
  }
});

test('a name that is no NRRD is refused, and nothing is written', async () => {
  await expect(writeNrrd(join(folder, 'a.mhd'), small)).rejects.toMatchObject({ code: 'NRRD_BAD_EXTENSION' });
  expect(await readdir(folder)).toEqual([]);
});

describe('where the voxels are', () => {
  test.each<[string, Fields, Partial<Volume>]>([
    [
      'right-anterior-superior',
      { space: 'right-anterior-superior' },
      { originXyz: [-1, -2, 3], direction: [-1, 0, 0, 0, -1, 0, 0, 0, 1] },
    ],
    [
      'LAS, whose y alone is turned',
      { space: 'LAS' },
      { originXyz: [1, -2, 3], direction: [1, 0, 0, 0, -1, 0, 0, 0, 1] },
    ],
    [
      'a space of no patient, as it is',
      { space: '3D-right-handed' },
      { originXyz: [1, 2, 3], direction: [1, 0, 0, 0, 1, 0, 0, 0, 1] },
    ],
    [
      'spacings and cells',
      {
        space: undefined,
        'space directions': undefined,
        'space origin': undefined,
        spacings: '0.5 0.5 2',
        'axis mins': '10 20 30',
      },
      { spacingXyz: [0.5, 0.5, 2], originXyz: [10.25, 20.25, 31] },
    ],
    [
      'spacings and nodes',
      {
        space: undefined,
        'space directions': undefined,
        'space origin': undefined,
        spacings: '0.5 0.5 2',
        axismins: '10 20 30',
        centerings: 'node node node',
      },
      { spacingXyz: [0.5, 0.5, 2], originXyz: [10, 20, 30] },
    ],
    [
      'four axes of which one is single',
      { dimension: '4', sizes: '1 3 1 1', 'space directions': 'none (2,0,0) (0,2,0) (0,0,2)' },
      { size: [1, 1, 3], spacingXyz: [2, 2, 2] },
    ],
    [
      'a slice in space',
      { dimension: '2', sizes: '3 1', 'space directions': '(0,0.5,0) (0,0,0.5)' },
      { size: [1, 1, 3], spacingXyz: [0.5, 0.5, 1], direction: [0, 1, 0, 0, 0, 1, 1, 0, 0] },
    ],
  ])('is told by %s', async (_name, fields, expected) => {
    await writeFile(join(folder, 'a.nrrd'), attached(fields));
    expect(await readNrrd(join(folder, 'a.nrrd'))).toMatchObject(expected);
  });
});

describe('how the voxels are stored', () => {
  const raw = Buffer.from(Int16Array.of(1, -2, 3).buffer);

  test.each<[string, Fields, Buffer]>([
    ['big-endian', { endian: 'big' }, Buffer.from(raw).swap16()],
    ['gzip', { encoding: 'gz' }, gzipSync(raw)],
    [
      'gzip with bytes to skip when unpacked',
      { encoding: 'gzip', 'byte skip': '5' },
      gzipSync(Buffer.concat([Buffer.alloc(5), raw])),
    ],
    ['text', { encoding: 'ascii' }, Buffer.from('1 -2\n3\n')],
    ['hex', { encoding: 'hex' }, Buffer.from(`${raw.toString('hex').slice(0, 5)}\n${raw.toString('hex').slice(5)}`)],
    ['lines and bytes to skip', { lineskip: '2', byteskip: '3' }, Buffer.concat([Buffer.from('a\nb\nxyz'), raw])],
    ['all but the last bytes to skip', { 'byte skip': '-1' }, Buffer.concat([Buffer.from('anything'), raw])],
  ])('%s', async (_name, fields, data) => {
    await writeFile(join(folder, 'a.nrrd'), Buffer.concat([attached(fields, Buffer.alloc(0)), data]));
    expect((await readNrrd(join(folder, 'a.nrrd'))).hu).toEqual(Int16Array.of(1, -2, 3));
  });

  test.each([
    ['a list', 'LIST\ns1.raw\ns2.raw\n'],
    ['a pattern', 's%d.raw 1 2 1'],
    ['a pattern of slices', 's%d.raw 1 2 1 2'],
  ])('one file a slice, named by %s', async (_name, dataFile) => {
    await writeFile(join(folder, 's1.raw'), raw);
    await writeFile(join(folder, 's2.raw'), raw);
    await writeFile(join(folder, 'a.nhdr'), header({ sizes: '3 1 2', 'data file': dataFile }));
    expect([...(await readNrrd(join(folder, 'a.nhdr'))).hu]).toEqual([1, -2, 3, 1, -2, 3]);
  });

  test('key/value pairs, comments and CRLF are passed over', async () => {
    const text = attached({}).toString('latin1').replace('type:', '# a comment\r\nkey:=value: 7\r\ntype:');
    await writeFile(join(folder, 'a.nrrd'), text, 'latin1');
    expect((await readNrrd(join(folder, 'a.nrrd'))).size).toEqual([1, 1, 3]);
  });
});

describe('a bad file is named', () => {
  test.each<[string, string, Fields]>([
    ['the type is unknown', 'NRRD_UNSUPPORTED', { type: 'block' }],
    ['it is packed with bzip2', 'NRRD_UNSUPPORTED', { encoding: 'bzip2' }],
    [
      'it has colours',
      'NRRD_UNSUPPORTED',
      { dimension: '4', sizes: '3 3 1 1', 'space directions': 'none (1,0,0) (0,1,0) (0,0,1)' },
    ],
    ['the space has time', 'NRRD_UNSUPPORTED', { space: 'left-posterior-superior-time' }],
    ['the unit is not mm', 'NRRD_UNSUPPORTED', { 'space units': '"m" "m" "m"' }],
    ['no byte order is told', 'NRRD_MISSING_FIELD', { endian: undefined }],
    ['no spacing is told', 'NRRD_MISSING_FIELD', { 'space directions': undefined }],
    ['a size is zero', 'NRRD_BAD_VALUE', { sizes: '3 0 1' }],
    ['sizes and dimension differ', 'NRRD_BAD_VALUE', { sizes: '3 1' }],
    ['two directions coincide', 'NRRD_BAD_VALUE', { 'space directions': '(1,0,0) (1,0,0) (0,0,1)' }],
    ['a direction is empty', 'NRRD_BAD_VALUE', { 'space directions': '(1,,0) (0,1,0) (0,0,1)' }],
    ['the size would take terabytes', 'NRRD_TOO_LARGE', { sizes: '1048576 1048576 1' }],
    ['there are too few voxels', 'NRRD_TRUNCATED', { sizes: '4 1 1' }],
    ['there are too many voxels', 'NRRD_WRONG_SIZE', { sizes: '2 1 1' }],
    ['packed voxels are not packed', 'NRRD_CORRUPT', { encoding: 'gzip' }],
    ['text is no number', 'NRRD_CORRUPT', { encoding: 'text' }],
    ['the data file is elsewhere', 'NRRD_UNSAFE_NAME', { 'data file': '../a.raw' }],
    ['the data file is missing', 'NRRD_NOT_FOUND', { 'data file': 'gone.raw' }],
    ['a pattern runs for ever', 'NRRD_BAD_VALUE', { 'data file': 's%d.raw 1 9 0' }],
  ])('when %s: %s', async (_name, code, fields) => {
    await writeFile(join(folder, 'a.nrrd'), attached(fields));
    await expect(readNrrd(join(folder, 'a.nrrd'))).rejects.toMatchObject({ code });
  });

  test('a header that names itself as its voxels is refused for their length', async () => {
    await writeFile(join(folder, 'a.nhdr'), header({ 'data file': 'a.nhdr' }));
    await expect(readNrrd(join(folder, 'a.nhdr'))).rejects.toMatchObject({ code: 'NRRD_WRONG_SIZE' });
  });

  test('another file is refused', async () => {
    await writeNrrd(join(folder, 'a.nrrd'), small);
    await writeFile(join(folder, 'a.nrrd'), (await readFile(join(folder, 'a.nrrd'))).subarray(3));
    await expect(readNrrd(join(folder, 'a.nrrd'))).rejects.toMatchObject({ code: 'NRRD_NOT_A_HEADER' });
  });
});

type Fields = Record<string, string | undefined>;

function header(fields: Fields): string {
  const { 'data file': dataFile, ...others } = fields;
  const all: Fields = {
    type: 'short',
    dimension: '3',
    space: 'left-posterior-superior',
    sizes: '3 1 1',
    'space directions': '(1,0,0) (0,1,0) (0,0,1)',
    endian: 'little',
    encoding: 'raw',
    'space origin': '(1,2,3)',
    ...others,
    ...(dataFile !== undefined && { 'data file': dataFile }),
  };
  const lines = Object.entries(all).flatMap(([field, value]) => (value === undefined ? [] : [`${field}: ${value}`]));
  return `NRRD0005\n${lines.join('\n')}\n`;
}

function attached(fields: Fields, data = Buffer.from(Int16Array.of(1, -2, 3).buffer)): Buffer {
  return Buffer.concat([Buffer.from(`${header(fields)}\n`), data]);
}
