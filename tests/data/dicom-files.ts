/** Writes DICOM files for tests, right or wrong, tag by tag. */

/** Values by tag, `00280010: ['US', 512]`; a sequence is a list of items, raw bytes are taken as they are. */
export type TestTags = Record<string, TestElement>;
export type TestElement = readonly [vr: string, value: TestValue];
export type TestValue = string | number | readonly number[] | Uint8Array | readonly TestTags[] | Fragments;

/** Encapsulated pixel data: an offset table, then fragments. */
export interface Fragments {
  table: readonly number[];
  fragments: readonly Uint8Array[];
}

const LONG_FORM = new Set(['OB', 'OW', 'OF', 'SQ', 'UN', 'UT']);
const NUMBERS: Record<string, [bytes: number, write: (view: DataView, at: number, value: number) => void]> = {
  US: [
    2,
    (view, at, value) => {
      view.setUint16(at, value, true);
    },
  ],
  SS: [
    2,
    (view, at, value) => {
      view.setInt16(at, value, true);
    },
  ],
  UL: [
    4,
    (view, at, value) => {
      view.setUint32(at, value, true);
    },
  ],
  FD: [
    8,
    (view, at, value) => {
      view.setFloat64(at, value, true);
    },
  ],
};

export const EXPLICIT = '1.2.840.10008.1.2.1';

/** A Part 10 file, explicit little endian but for its pixels' code. */
export function dicomFile(tags: TestTags, transferSyntax = EXPLICIT): Buffer {
  const meta = dataset({ '00020010': ['UI', transferSyntax] });
  const length = dataset({ '00020000': ['UL', meta.length] });
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), length, meta, dataset(tags)]);
}

export function dataset(tags: TestTags): Buffer {
  return Buffer.concat(
    Object.entries(tags)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([tag, [vr, value]]) => element(tag, vr, value)),
  );
}

function element(tag: string, vr: string, value: TestValue): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(parseInt(tag.slice(0, 4), 16), 0);
  head.writeUInt16LE(parseInt(tag.slice(4), 16), 2);
  head.write(vr, 4, 'latin1');
  const isEncapsulated = typeof value === 'object' && 'fragments' in value;
  const bytes = encode(vr, value);
  if (!LONG_FORM.has(vr)) {
    head.writeUInt16LE(bytes.length, 6);
    return Buffer.concat([head, bytes]);
  }
  const length = Buffer.alloc(4);
  length.writeUInt32LE(isEncapsulated ? 0xffffffff : bytes.length);
  return Buffer.concat([head, length, bytes]);
}

function encode(vr: string, value: TestValue): Buffer {
  if (value instanceof Uint8Array) return even(Buffer.from(value), 0);
  if (typeof value === 'string') return even(Buffer.from(value, 'latin1'), vr === 'UI' ? 0 : 0x20);
  if (typeof value === 'object' && 'fragments' in value) return encapsulated(value);
  if (vr === 'SQ') return Buffer.concat((value as readonly TestTags[]).map((tags) => item(dataset(tags))));
  const values = typeof value === 'number' ? [value] : (value as readonly number[]);
  const [bytes, write] = NUMBERS[vr]!;
  const view = new DataView(new ArrayBuffer(bytes * values.length));
  values.forEach((number, i) => {
    write(view, i * bytes, number);
  });
  return Buffer.from(view.buffer);
}

function encapsulated({ table, fragments }: Fragments): Buffer {
  const offsets = Buffer.from(Uint32Array.from(table).buffer);
  const end = Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
  return Buffer.concat([item(offsets), ...fragments.map((bytes) => item(even(Buffer.from(bytes), 0))), end]);
}

export function item(bytes: Buffer, length = bytes.length): Buffer {
  const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
  head.writeUInt32LE(length, 4);
  return Buffer.concat([head, bytes]);
}

function even(bytes: Buffer, padding: number): Buffer {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from([padding])]);
}

export const ROWS = 4;
export const COLUMNS = 6;

/** Tags of slice `i` of a small CT, 2 mm apart; its pixels are `100 i, 100 i + 1 …`. Undefined leaves a tag out. */
export function ctSlice(i: number, changed: Record<string, TestElement | undefined> = {}): TestTags {
  const pixels = Int16Array.from({ length: ROWS * COLUMNS }, (_, k) => 100 * i + k);
  const tags: Record<string, TestElement | undefined> = {
    '00080008': ['CS', 'ORIGINAL\\PRIMARY\\AXIAL'],
    '00080016': ['UI', '1.2.840.10008.5.1.4.1.1.2'],
    '00080018': ['UI', `1.2.3.${i + 1}`],
    '00080060': ['CS', 'CT'],
    '00100020': ['LO', 'patient-1'],
    '00180050': ['DS', '2.5'],
    '0020000d': ['UI', '1.2.3'],
    '0020000e': ['UI', '1.2.4'],
    '00200012': ['IS', '1'],
    '00200032': ['DS', `-10\\20\\${2 * i}`],
    '00200037': ['DS', '1\\0\\0\\0\\1\\0'],
    '00280002': ['US', 1],
    '00280004': ['CS', 'MONOCHROME2'],
    '00280010': ['US', ROWS],
    '00280011': ['US', COLUMNS],
    '00280030': ['DS', '0.5\\0.25'],
    '00280100': ['US', 16],
    '00280101': ['US', 16],
    '00280102': ['US', 15],
    '00280103': ['US', 1],
    '00281052': ['DS', '-1000'],
    '00281053': ['DS', '1'],
    '7fe00010': ['OW', new Uint8Array(pixels.buffer)],
    ...changed,
  };
  return Object.fromEntries(
    Object.entries(tags).filter((entry): entry is [string, TestElement] => entry[1] !== undefined),
  );
}

/** The same of 64 × 64 pixels, as some encoders need. */
export function largerCtSlice(i: number): TestTags {
  const pixels = Int16Array.from({ length: 64 * 64 }, (_, k) => (k * k * (i + 3)) % 2000);
  return ctSlice(i, {
    '00280010': ['US', 64],
    '00280011': ['US', 64],
    '7fe00010': ['OW', new Uint8Array(pixels.buffer)],
  });
}
