import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import { type Random, seededRandom } from 'seeded-random';
import { type Volume, writeVolume } from '../../datasets';
import { type FuzzCase, mutateBytes, mutateText, pick } from './fuzz';

const META = `ObjectType = Image
NDims = 3
BinaryDataByteOrderMSB = False
CompressedData = False
TransformMatrix = 1 0 0 0 1 0 0 0 1
Offset = 0 0 0
HeaderSize = 0
ElementSpacing = 1 1 2
DimSize = 4 3 2
ElementType = MET_SHORT
ElementDataFile = `;
const NRRD = `NRRD0005
type: short
dimension: 3
space: left-posterior-superior
sizes: 4 3 2
space directions: (1,0,0) (0,1,0) (0,0,2)
endian: little
encoding: raw
space origin: (0,0,0)
`;
const VOXELS = Buffer.from(Int16Array.from({ length: 24 }, (_, i) => i * 40 - 1000).buffer);
const SLICES = { 's1.raw': VOXELS.subarray(0, 24), 's2.raw': VOXELS.subarray(24) };

type Files = Record<string, Buffer>;

/** Sound files of every format and form, to be spoiled. */
async function templates(): Promise<FuzzCase[]> {
  const hu = Int16Array.from(VOXELS, (value) => value * 8 - 1000).subarray(0, 24);
  const volume: Volume = {
    hu,
    size: [2, 3, 4],
    spacingXyz: [1, 1, 2],
    originXyz: [-3, 4, 5],
    direction: [0, 1, 0, -1, 0, 0, 0, 0, 1],
  };
  const cases: FuzzCase[] = [];
  for (const name of ['a.mhd', 'a.mha', 'a.nii', 'a.nii.gz', 'a.nrrd', 'a.nhdr']) {
    for (const compressed of name.startsWith('a.nii') ? [undefined] : [false, true]) {
      const folder = await mkdtemp(join(tmpdir(), 'fuzz-template-'));
      await writeVolume(join(folder, name), volume, { compressed });
      const files: Files = {};
      for (const file of await readdir(folder)) files[file] = await readFile(join(folder, file));
      await rm(folder, { recursive: true });
      cases.push({ name: compressed === true ? `packed ${name}` : name, files, entry: name });
    }
  }
  const nifti = cases.find(({ entry }) => entry === 'a.nii')!.files['a.nii'] as Buffer;
  const texts: [string, string, Files][] = [
    ['a.mhd', `${META}LIST\ns1.raw\ns2.raw\n`, SLICES],
    ['a.mhd', `${META}s%d.raw 1 2 1\n`, SLICES],
    ['a.nhdr', `${NRRD}data file: LIST\ns1.raw\ns2.raw\n`, SLICES],
    ['a.nhdr', `${NRRD}data file: s%d.raw 1 2 1\n`, SLICES],
    [
      'a.nhdr',
      `${NRRD.replace('raw', 'ascii')}line skip: 1\ndata file: a.txt\n`,
      { 'a.txt': Buffer.from(`head\n${hu.join(' ')}`) },
    ],
    ['a.nhdr', `${NRRD.replace('raw', 'hex')}data file: a.txt\n`, { 'a.txt': Buffer.from(VOXELS.toString('hex')) }],
    [
      'a.nhdr',
      `${NRRD.replace('raw', 'gzip')}byte skip: 2\ndata file: a.gz\n`,
      { 'a.gz': gzipSync(Buffer.concat([Buffer.alloc(2), VOXELS])) },
    ],
  ];
  return [
    ...cases,
    ...texts.map(([entry, text, files]) => ({
      name: `${entry} by hand`,
      entry,
      files: { ...files, [entry]: Buffer.from(text) },
    })),
    { name: 'NIfTI-2', entry: 'a.nii', files: { 'a.nii': nifti2(nifti) } },
    { name: 'a NIfTI pair', entry: 'a.hdr', files: niftiPair(nifti) },
  ];
}

/** Spoilt files without end, the same for the same seed. Name and number find a case again. */
export async function* spoiltFiles(seed: number, count: number): AsyncGenerator<FuzzCase> {
  const sound = await templates();
  for (let i = 0; i < count; i++) {
    const random = seededRandom(`${seed} ${i}`);
    const template = sound[i % sound.length]!;
    const files = { ...template.files } as Files;
    const spoilt = random.uniform() < 0.8 ? template.entry : pick(random, Object.keys(files));
    files[spoilt] = spoil(random, files[spoilt]!);
    yield { ...template, name: `${template.name}, seed ${seed}, case ${i}`, files };
  }
}

function spoil(random: Random, bytes: Buffer): Buffer {
  const isPacked = bytes[0] === 0x1f;
  // What is inside of a packed file would mostly not be reached by changes from outside.
  if (isPacked && random.uniform() < 0.7) return gzipSync(spoil(random, gunzipSync(bytes)), { level: 1 });
  const start = bytes.subarray(0, 20).toString('latin1');
  if (/^(NRRD|ObjectType)/.test(start) && random.uniform() < 0.8) return spoilText(random, bytes);
  if (bytes.length >= 348 && random.uniform() < 0.8) return spoilNifti(random, bytes);
  return Buffer.from(mutateBytes(random, bytes));
}

/** The text of a header; voxels that stand behind it stay. */
function spoilText(random: Random, bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  const end = text.startsWith('NRRD') ? text.indexOf('\n\n') : text.indexOf('LOCAL\n');
  const length = end === -1 ? text.length : end;
  let header = text.slice(0, length);
  if (random.uniform() < 0.5) {
    const lines = header.split('\n');
    lines.splice(random.integer(lines.length), 0, pick(random, LINES));
    header = lines.join('\n');
  }
  return Buffer.from(mutateText(random, header) + text.slice(length), 'latin1');
}

/** Lines that ask for another way through the readers. */
const LINES = [
  'CompressedData = True',
  'CompressedDataSize = 20',
  'HeaderSize = -1',
  'BinaryDataByteOrderMSB = True',
  'NDims = 2',
  'ElementType = MET_DOUBLE',
  'ElementType = MET_ULONG_LONG',
  'ElementNumberOfChannels = 3',
  'ElementDataFile = LIST',
  'ElementDataFile = LOCAL',
  'ElementDataFile = .',
  'ElementDataFile = %s%d',
  'encoding: gzip',
  'encoding: ascii',
  'encoding: hex',
  'endian: big',
  'type: double',
  'type: int64',
  'byte skip: -1',
  'byte skip: 9007199254740991',
  'line skip: 4294967296',
  'data file: LIST',
  'data file: a.nhdr',
  'data file: .',
  'dimension: 4',
  'sizes: 1 1 1 1',
  'space: RAS',
  'space units: "mm" "mm" "m"',
  'spacings: 1 1 nan',
  'axis mins: nan 0 inf',
];

/** Where the fields of NIfTI-1 stand that decide anything, and how wide they are. */
const FIELDS: readonly [number, 1 | 2 | 4][] = [
  [0, 4],
  [40, 2],
  [42, 2],
  [44, 2],
  [46, 2],
  [48, 2],
  [70, 2],
  [72, 2],
  [76, 4],
  [80, 4],
  [88, 4],
  [108, 4],
  [112, 4],
  [116, 4],
  [123, 1],
  [252, 2],
  [254, 2],
  [256, 4],
  [260, 4],
  [268, 4],
  [280, 4],
  [300, 4],
  [344, 4],
];
const WHOLE = [0, 1, 2, 3, 4, 5, 8, 16, 64, 256, 348, 512, 768, 1024, 1280, 1536, 32767, -1, -32768];
const REAL = [0, -0, 1, -1, 0.5, 352, 540, 1e9, -1e9, 3e38, 1e-40, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 53];

function spoilNifti(random: Random, original: Buffer): Buffer {
  const bytes = Buffer.from(original);
  for (let n = 1 + random.integer(3); n > 0; n--) {
    const [at, width] = pick(random, FIELDS);
    if (width === 1) bytes.writeUInt8(random.integer(256), at);
    else if (width === 2) bytes.writeInt16LE(pick(random, WHOLE), at);
    else if (random.uniform() < 0.8) bytes.writeFloatLE(pick(random, REAL), at);
    else bytes.writeInt32LE(pick(random, WHOLE), at);
  }
  return bytes;
}

/** A NIfTI-1 file as NIfTI-2. */
function nifti2(nifti: Buffer): Buffer {
  const header = Buffer.alloc(544);
  header.writeInt32LE(540, 0);
  header.write('n+2\0\r\n\x1a\n', 4, 'latin1');
  header.writeInt16LE(4, 12);
  [3, 4, 3, 2, 1, 1, 1, 1].forEach((value, i) => header.writeBigInt64LE(BigInt(value), 16 + 8 * i));
  [1, 1, 1, 2, 1, 1, 1, 1].forEach((value, i) => header.writeDoubleLE(value, 104 + 8 * i));
  header.writeBigInt64LE(544n, 168);
  header.writeDoubleLE(1, 176);
  header.writeInt32LE(1, 348);
  [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0].forEach((value, i) => header.writeDoubleLE(value, 400 + 8 * i));
  return Buffer.concat([header, nifti.subarray(352)]);
}

function niftiPair(nifti: Buffer): Files {
  const header = Buffer.from(nifti.subarray(0, 348));
  header.write('ni1\0', 344, 'latin1');
  header.writeFloatLE(0, 108);
  return { 'a.hdr': header, 'a.img': nifti.subarray(352) };
}

/** Files made to hurt: each of them must be refused, in bounded memory, whatever the limit on voxels. */
export async function hostileFiles(): Promise<FuzzCase[]> {
  const nifti = (await templates()).find(({ entry }) => entry === 'a.nii')!.files['a.nii'] as Buffer;
  const meta = (text: string, files: FuzzCase['files'] = { 'a.raw': VOXELS }) => ({
    files: { ...files, 'a.mhd': text },
    entry: 'a.mhd',
  });
  const nrrd = (text: string, files: FuzzCase['files'] = { 'a.raw': VOXELS }) => ({
    files: { ...files, 'a.nhdr': text },
    entry: 'a.nhdr',
  });
  const nii = (change: (bytes: Buffer) => void, name = 'a.nii') => {
    const bytes = Buffer.from(nifti);
    change(bytes);
    return { files: { [name]: name.endsWith('.gz') ? gzipSync(bytes) : bytes }, entry: name };
  };
  const sizes = (size: string) => META.replace('4 3 2', size);
  const cases: Record<string, Omit<FuzzCase, 'name'>> = {
    ...bombs(nifti, meta, nrrd),
    'MetaImage of 2^40 voxels': meta(`${sizes('1048576 1048576 1')}a.raw\n`),
    'MetaImage of 2^159 voxels': meta(`${sizes('9007199254740991 9007199254740991 9007199254740991')}a.raw\n`),
    'MetaImage of 2^29 float64 in 48 bytes': meta(`${sizes('1024 1024 512').replace('SHORT', 'DOUBLE')}a.raw\n`),
    'MetaImage of 2^29 packed voxels in 48 bytes': meta(
      `${sizes('1024 1024 512').replace('CompressedData = False', 'CompressedData = True')}a.raw\n`,
    ),
    'MetaImage of 10^9 files': meta(`${META}s%d.raw 1 1000000000 1\n`),
    'MetaImage of 2^29 files': meta(`${sizes('1 1 536870912')}s%d.raw\n`),
    'MetaImage that is its own voxels': meta(`${META}a.mhd\n`),
    'MetaImage that lists itself': meta(`${META}LIST\na.mhd\na.mhd\n`),
    'MetaImage whose voxels are its folder': meta(`${META}.\n`),
    'MetaImage without an end': meta(META.repeat(3000)),
    'MetaImage of one long line': meta(`NDims = ${'3'.repeat(400_000)}\n`),
    'NRRD of 2^40 voxels': nrrd(`${NRRD.replace('4 3 2', '1048576 1048576 1')}data file: a.raw\n`),
    'NRRD of 2^29 float64 in 48 bytes': nrrd(
      `${NRRD.replace('4 3 2', '1024 1024 512').replace('short', 'double')}data file: a.raw\n`,
    ),
    'NRRD of 2^29 voxels of text in 48 bytes': nrrd(
      `${NRRD.replace('4 3 2', '1024 1024 512').replace('raw', 'ascii')}data file: a.raw\n`,
    ),
    'NRRD of 2^29 voxels of hex in 48 bytes': nrrd(
      `${NRRD.replace('4 3 2', '1024 1024 512').replace('raw', 'hex')}data file: a.raw\n`,
    ),
    'NRRD of 10^9 files': nrrd(`${NRRD}data file: s%d.raw 1 1000000000 1\n`),
    'NRRD of 10^18 axes': nrrd(`${NRRD.replace('dimension: 3', 'dimension: 1000000000000000000')}data file: a.raw\n`),
    'NRRD that is its own voxels': nrrd(`${NRRD}data file: a.nhdr\n`),
    'NRRD that lists itself': nrrd(`${NRRD}data file: LIST\na.nhdr\na.nhdr\n`),
    'NRRD that skips 2^52 lines': nrrd(`${NRRD}line skip: 4503599627370496\ndata file: a.raw\n`),
    'NRRD of brackets': nrrd(
      `${NRRD.replace(/space directions: .*/, `space directions: ${'('.repeat(200_000)}`)}data file: a.raw\n`,
    ),
    'NIfTI of 2^45 voxels': nii((bytes) => {
      [42, 44, 46].forEach((at) => bytes.writeInt16LE(32767, at));
    }),
    'NIfTI of 2^29 float64 in 48 bytes': nii((bytes) => {
      [42, 44, 46].forEach((at) => bytes.writeInt16LE(806, at));
      bytes.writeInt16LE(64, 70);
    }),
    'packed NIfTI of 2^29 float64 in 48 bytes': nii((bytes) => {
      [42, 44, 46].forEach((at) => bytes.writeInt16LE(806, at));
      bytes.writeInt16LE(64, 70);
    }, 'a.nii.gz'),
    'NIfTI whose voxels stand at 2^100': nii((bytes) => {
      bytes.writeFloatLE(2 ** 100, 108);
    }),
    'packed NIfTI whose voxels stand at 2^31': nii((bytes) => {
      bytes.writeFloatLE(2 ** 31, 108);
    }, 'a.nii.gz'),
    'NIfTI pair whose image is missing': { files: { 'a.hdr': niftiPair(nifti)['a.hdr']! }, entry: 'a.hdr' },
    'NIfTI image whose header is missing': { files: { 'a.img': VOXELS }, entry: 'a.img' },
  };
  for (const name of [
    '../secret.raw',
    '/etc/hostname',
    'sub/../../secret.raw',
    '..\\secret.raw',
    'C:\\secret.raw',
    '..',
    'a\0.raw',
    '',
  ]) {
    const files = { '../secret.raw': VOXELS };
    cases[`MetaImage with voxels in ${JSON.stringify(name)}`] = meta(`${META}${name}\n`, files);
    cases[`MetaImage with slices in ${JSON.stringify(name)}`] = meta(`${META}LIST\n${name}\n${name}\n`, files);
    cases[`NRRD with voxels in ${JSON.stringify(name)}`] = nrrd(`${NRRD}data file: ${name}\n`, files);
    cases[`NRRD with slices in ${JSON.stringify(name)}`] = nrrd(`${NRRD}data file: LIST\n${name}\n${name}\n`, files);
  }
  for (const extension of ['mhd', 'mha', 'nii', 'nii.gz', 'hdr', 'img', 'nrrd', 'nhdr', 'dcm', 'zip', 'dat']) {
    cases[`empty .${extension}`] = { files: { [`a.${extension}`]: '' }, entry: `a.${extension}` };
    cases[`.${extension} of zeros`] = { files: { [`a.${extension}`]: Buffer.alloc(1 << 16) }, entry: `a.${extension}` };
    cases[`.${extension} of ones`] = {
      files: { [`a.${extension}`]: Buffer.alloc(1 << 16, 0xff) },
      entry: `a.${extension}`,
    };
  }
  return Object.entries(cases).map(([name, hostile]) => ({ ...hostile, name, mustFail: true }));
}

/** Two megabytes that unpack to two gigabytes of zeros, where 48 bytes are awaited. */
function bombs(
  nifti: Buffer,
  meta: (text: string, files: FuzzCase['files']) => Omit<FuzzCase, 'name'>,
  nrrd: (text: string, files: FuzzCase['files']) => Omit<FuzzCase, 'name'>,
): Record<string, Omit<FuzzCase, 'name'>> {
  // Members of gzip that follow each other unpack as one.
  const zeros = gzipSync(Buffer.alloc(1 << 27), { level: 1 });
  const bomb = Buffer.concat(Array.from({ length: 16 }, () => zeros));
  const packed = META.replace('CompressedData = False', 'CompressedData = True');
  return {
    'MetaImage with a bomb': meta(`${packed}a.zraw\n`, { 'a.zraw': bomb }),
    'MetaImage with a bomb of zlib': meta(`${packed}a.zraw\n`, {
      'a.zraw': deflateSync(Buffer.alloc(1 << 27), { level: 1 }),
    }),
    'NIfTI with a bomb': { files: { 'a.nii.gz': Buffer.concat([gzipSync(nifti), bomb]) }, entry: 'a.nii.gz' },
    'NIfTI that is only a bomb': { files: { 'a.nii.gz': bomb }, entry: 'a.nii.gz' },
    'NIfTI image with a bomb': { files: { ...niftiPair(nifti), 'a.img': bomb }, entry: 'a.hdr' },
    'NRRD with a bomb': nrrd(`${NRRD.replace('raw', 'gzip')}data file: a.gz\n`, { 'a.gz': bomb }),
    'NRRD that skips into a bomb': nrrd(`${NRRD.replace('raw', 'gzip')}byte skip: 1000000\ndata file: a.gz\n`, {
      'a.gz': bomb,
    }),
    'a bomb of no format': { files: { 'a.gz': bomb }, entry: 'a.gz' },
  };
}
