import type { Geometry } from '../../volume';
import { type NumberType, expandPattern, numberTypes } from '../voxel-files';
import { nrrdError } from './errors';
import { NrrdFields } from './fields';
import { axesOf, placementOfAxes } from './axes';

/** A header in typed form. */
export interface NrrdHeader {
  geometry: Geometry;
  type: NumberType;
  bigEndian: boolean;
  encoding: 'raw' | 'gzip' | 'text' | 'hex';
  /** Names of the data files relative to the header; none: the voxels follow the header. */
  dataFiles: readonly string[];
  /** Lines before the voxels of each data file, as it stands on disk. */
  lineSkip: number;
  /** Then bytes before them, of packed voxels when unpacked; -1: the voxels are the last bytes of the file. */
  byteSkip: number;
  headerBytes: number;
  voxels: number;
  voxelBytes: number;
}

/** 1 GiB of int16: 2,048 slices of 512 × 512. */
const MAX_VOXELS = 2 ** 29;

const TYPE_NAMES: Readonly<Record<NumberType, readonly string[]>> = {
  int8: ['signed char', 'int8', 'int8_t'],
  uint8: ['uchar', 'unsigned char', 'uint8', 'uint8_t'],
  int16: ['short', 'short int', 'signed short', 'signed short int', 'int16', 'int16_t'],
  uint16: ['ushort', 'unsigned short', 'unsigned short int', 'uint16', 'uint16_t'],
  int32: ['int', 'signed int', 'int32', 'int32_t'],
  uint32: ['uint', 'unsigned int', 'uint32', 'uint32_t'],
  int64: ['longlong', 'long long', 'long long int', 'signed long long', 'signed long long int', 'int64', 'int64_t'],
  uint64: ['ulonglong', 'unsigned long long', 'unsigned long long int', 'uint64', 'uint64_t'],
  float32: ['float'],
  float64: ['double'],
};

const ENCODINGS: Readonly<Record<string, NrrdHeader['encoding']>> = {
  raw: 'raw',
  gzip: 'gzip',
  gz: 'gzip',
  text: 'text',
  txt: 'text',
  ascii: 'text',
  hex: 'hex',
};

/** Reads the header at the start of `bytes`. `file` is what errors call it. */
export function parseHeader(bytes: Uint8Array, file: string, maxVoxels = MAX_VOXELS): NrrdHeader {
  const fields = new NrrdFields(bytes, file);
  const axes = axesOf(fields);
  const [columns, rows, slices] = axes.map(({ size }) => size) as [number, number, number];
  const voxels = columns * rows * slices;
  if (voxels > maxVoxels) throw nrrdError('NRRD_TOO_LARGE', { file, voxels, limit: maxVoxels });
  const type = typeOf(fields);
  const encoding = ENCODINGS[fields.text('encoding').toLowerCase()];
  if (!encoding) throw fields.unsupported('encoding', 'raw, gzip, text and hex are read');
  const byteSkip = fields.count('byte skip', 0, -1);
  if (byteSkip === -1 && encoding !== 'raw') throw fields.bad('byte skip', 'only the encoding raw can have -1');
  const dataFiles = dataFilesOf(fields, slices);
  if (dataFiles.length > 1 && (encoding === 'text' || encoding === 'hex')) {
    throw fields.unsupported('encoding', 'text is read from one file only');
  }
  return {
    geometry: { size: [slices, rows, columns], ...placementOfAxes(axes, fields) },
    type,
    bigEndian: isBigEndian(fields, encoding === 'text' ? 1 : numberTypes[type].bytes),
    encoding,
    dataFiles,
    lineSkip: fields.count('line skip', 0, 0),
    byteSkip,
    headerBytes: fields.headerBytes,
    voxels,
    voxelBytes: voxels * numberTypes[type].bytes,
  };
}

function typeOf(fields: NrrdFields): NumberType {
  const name = fields.text('type').toLowerCase().replace(/\s+/g, ' ');
  for (const [type, names] of Object.entries(TYPE_NAMES)) if (names.includes(name)) return type as NumberType;
  throw fields.unsupported('type', 'it is not a number type of NRRD');
}

function isBigEndian(fields: NrrdFields, width: number): boolean {
  if (width === 1) return false;
  const endian = fields.text('endian').toLowerCase();
  if (endian !== 'little' && endian !== 'big') throw fields.bad('endian', 'little or big is expected');
  return endian === 'big';
}

/** Files of slices, or of slabs of slices, are of equal length: as many slices each. */
function dataFilesOf(fields: NrrdFields, slices: number): readonly string[] {
  const field = 'data file';
  const text = fields.value(field);
  if (text === undefined) return [];
  const [word = '', ...rest] = text.split(/\s+/);
  const isPattern = word.includes('%');
  if (word !== 'LIST' && !isPattern) return [text];
  const [first = NaN, last = NaN, step = NaN] = rest.map(Number);
  const count = isPattern ? Math.floor((last - first) / step) + 1 : fields.list.length;
  if (!(count >= 1 && slices % count === 0)) throw fields.bad(field, `${slices} slices do not fill ${count} files`);
  const names = isPattern ? expandPattern(word, [first, last, step], count) : fields.list;
  if (!names) throw fields.bad(field, 'a pattern like slice%03d.raw 1 120 1 is expected');
  return names;
}
