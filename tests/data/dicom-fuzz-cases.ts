import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { type Random, seededRandom } from 'seeded-random';
import { type TestElement, ctSlice, dataset, dicomFile, item, largerCtSlice } from './dicom-files';
import { type FuzzCase, mutateBytes, pick } from './fuzz';

const RLE = '1.2.840.10008.1.2.5';
const JPEG_2000 = '1.2.840.10008.1.2.4.90';
const JPEG_LS = '1.2.840.10008.1.2.4.80';
const DEFLATED = '1.2.840.10008.1.2.1.99';
const UNDEFINED = 0xffffffff;

const one = (name: string, bytes: Uint8Array): FuzzCase => ({
  name,
  files: { 'a.dcm': bytes },
  entry: '.',
  mustFail: true,
});

/** Files made to hurt. Every one must be refused by a code. */
export function hostileDicom(): FuzzCase[] {
  const start = dicomFile({ '00080060': ['CS', 'CT'] });
  const long = (group: number, element: number, vr: string, length: number) => {
    const head = Buffer.alloc(12);
    head.writeUInt16LE(group, 0);
    head.writeUInt16LE(element, 2);
    head.write(vr, 4, 'latin1');
    head.writeUInt32LE(length, 8);
    return head;
  };
  const sequence = long(0x0040, 0x0275, 'SQ', UNDEFINED);
  const nested = Buffer.concat([sequence, item(Buffer.alloc(0), UNDEFINED)]);
  const unknown = long(0x0009, 0x1001, 'UN', UNDEFINED);
  const huge: Record<string, TestElement> = { '00280010': ['US', 65535], '00280011': ['US', 65535] };
  const pixels = (code: Uint8Array): TestElement => ['OB', { table: [], fragments: [code] }];
  const zeros = Buffer.alloc(1 << 27);
  const meta = dicomFile({}, DEFLATED);
  const deflated = (body: Buffer) => Buffer.concat([meta, deflateRawSync(body)]);
  return [
    one('sequences nested 100,000 deep', Buffer.concat([start, Buffer.alloc(100_000 * nested.length, nested)])),
    one('unknown elements without end, nested', Buffer.concat([start, Buffer.alloc(12 * 50_000, unknown)])),
    one(
      'a sequence of empty items without end',
      Buffer.concat([start, sequence, Buffer.alloc(1 << 24, item(Buffer.alloc(0)))]),
    ),
    one('a million different empty tags', Buffer.concat([start, manyTags(1 << 20)])),
    one('an element of 4 GiB', Buffer.concat([start, long(0x0009, 0x1001, 'OB', 0xfffffffe)])),
    one('65,535 × 65,535 plain pixels', dicomFile(ctSlice(0, huge))),
    one('65,535 × 65,535 × 2^31 frames', dicomFile(ctSlice(0, { ...huge, '00280008': ['IS', '2147483647'] }))),
    one(
      '65,535 × 65,535 compressed pixels',
      dicomFile(ctSlice(0, { ...huge, '7fe00010': pixels(Buffer.alloc(64)) }), RLE),
    ),
    one(
      'an image in the code larger than in the tags',
      dicomFile(ctSlice(0, { '7fe00010': pixels(jpeg2000Header(1 << 30)) }), JPEG_2000),
    ),
    one(
      'a JPEG-LS code of 65,535 × 65,535',
      dicomFile(ctSlice(0, { '7fe00010': pixels(jpegLsHeader(65535)) }), JPEG_LS),
    ),
    one(
      'a fragment longer than the file',
      dicomFile(
        ctSlice(0, { '7fe00010': ['OB', Buffer.concat([item(Buffer.alloc(0)), item(Buffer.alloc(8), 1 << 30)])] }),
        RLE,
      ),
    ),
    one(
      'a thousand frames in one fragment',
      dicomFile(ctSlice(0, { '00280008': ['IS', '1000'], '7fe00010': pixels(Buffer.alloc(64)) }), RLE),
    ),
    one(
      'a deflated header of 128 MiB',
      deflated(Buffer.concat([dataset({ '00080060': ['CS', 'CT'] }), long(0x0009, 0x1001, 'OB', zeros.length), zeros])),
    ),
    one('deflated pixels that are not there', deflated(dataset(ctSlice(0, { '7fe00010': undefined })))),
    { name: 'a zip of 128 MiB of nothing', files: { 'a.zip': zipSync({ a: zeros }) }, entry: 'a.zip', mustFail: true },
    { name: 'a zip that claims 4 TiB', files: { 'a.zip': boastfulZip() }, entry: 'a.zip', mustFail: true },
    {
      name: 'a zipped header of 128 MiB',
      files: { 'a.zip': zipSync({ a: Buffer.concat([start, long(0x0009, 0x1001, 'OB', zeros.length), zeros]) }) },
      entry: 'a.zip',
      mustFail: true,
    },
  ];
}

function manyTags(count: number): Buffer {
  const bytes = Buffer.alloc(8 * count);
  for (let i = 0; i < count; i++) {
    bytes.writeUInt16LE(0x1001 + 2 * (i >> 16), 8 * i);
    bytes.writeUInt16LE(i & 0xffff, 8 * i + 2);
    bytes.write('CS', 8 * i + 4, 'latin1');
  }
  return bytes;
}

function jpeg2000Header(side: number): Buffer {
  const code = Buffer.alloc(64);
  code.writeUInt32BE(0xff4fff51, 0);
  code.writeUInt32BE(side, 8);
  code.writeUInt32BE(side, 12);
  code.writeUInt16BE(1, 40);
  return code;
}

function jpegLsHeader(side: number): Buffer {
  const code = Buffer.from('ffd8fff7000b10000000000101110000ffda', 'hex');
  code.writeUInt16BE(side, 7);
  code.writeUInt16BE(side, 9);
  return code;
}

/** A thousand entries, each said to be 4 GiB when unpacked. */
function boastfulZip(): Buffer {
  const zip = Buffer.from(
    zipSync(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`${i}`, Buffer.alloc(200)]))),
  );
  for (let at = 0; (at = zip.indexOf('PK\x01\x02', at, 'latin1')) >= 0; at += 4) zip.writeUInt32LE(0xfffffffe, at + 24);
  return zip;
}

/** Sound files in every way of writing pixels. */
export function soundDicom(): Record<string, Uint8Array>[] {
  const dir = mkdtempSync(join(tmpdir(), 'dicom-seeds-'));
  try {
    const three = [0, 1, 2].map((i) => {
      writeFileSync(join(dir, `${i}.dcm`), dicomFile(largerCtSlice(i)));
      return `${i}.dcm`;
    });
    return CONVERTERS.map(([program, ...options]) =>
      Object.fromEntries(
        three.map((name) => {
          execFileSync(program, [...options, join(dir, name), join(dir, 'out')], { stdio: 'pipe' });
          return [name, readFileSync(join(dir, 'out'))];
        }),
      ),
    );
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const CONVERTERS = [
  ['cp'],
  ['dcmconv', '+ti'],
  ['dcmconv', '+tb'],
  ['dcmconv', '+td'],
  ['dcmcrle'],
  ['dcmcjpls'],
  ['dcmcjpeg', '+e1'],
  ['gdcmconv', '--j2k'],
] as const;

/** Folders and archives of three slices, one or more of them spoilt. */
export function* spoiltDicom(
  sound: readonly Record<string, Uint8Array>[],
  seed: number,
  count: number,
): Generator<FuzzCase> {
  const random: Random = seededRandom(seed);
  for (let i = 0; i < count; i++) {
    const number = random.integer(sound.length);
    const files = { ...sound[number]! };
    const spoilt = random.uniform() < 0.5 ? Object.keys(files) : [pick(random, Object.keys(files))];
    const name = `case ${i} of seed ${seed}: ${CONVERTERS[number]!.join(' ')}, ${spoilt.join(' ')}`;
    const zip = random.uniform();
    if (zip < 0.1) {
      yield { name: `${name}, zip spoilt`, files: { 'a.zip': mutateBytes(random, zipSync(files)) }, entry: 'a.zip' };
      continue;
    }
    for (const file of spoilt) files[file] = spoil(random, files[file]!);
    yield zip < 0.2
      ? { name: `${name}, zipped`, files: { 'a.zip': zipSync(files) }, entry: 'a.zip' }
      : { name, files, entry: '.' };
  }
}

/** The preamble is never read: changes there would be none. */
function spoil(random: Random, bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, 132), mutateBytes(random, bytes.subarray(132))]);
}
