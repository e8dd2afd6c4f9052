import { type Geometry, IDENTITY_DIRECTION, type Xyz, directionDeterminant } from '../../volume';
import { expandPattern, numberTypes } from '../voxel-files';
import { type ElementType, elementTypes, isElementType } from './element-types';
import { metaImageError } from './errors';

/** A header in typed form. */
export interface MetaImageHeader {
  geometry: Geometry;
  elementType: ElementType;
  bigEndian: boolean;
  compressed: boolean;
  /** Length of the compressed voxels, where the header tells it. */
  compressedBytes: number | undefined;
  /** Bytes before the voxels in the data file; -1: the voxels are the last bytes of the file. */
  skipBytes: number;
  /** Names of the data files relative to the header, one or one a slice; none: the voxels follow the header (`LOCAL`). */
  dataFiles: readonly string[];
  /** Length of the header itself, where `LOCAL` voxels begin. */
  headerBytes: number;
  /** Length of the voxels when unpacked. */
  voxelBytes: number;
}

/** More than any header of a real image, a list of the files of two thousand slices included. */
export const LONGEST_HEADER = 1 << 18;

/** 1 GiB of int16: 2,048 slices of 512 × 512. */
export const MAX_VOXELS = 2 ** 29;

/** Whether bytes begin like a MetaImage header. */
export function looksLikeMetaImage(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096)).toString('latin1');
  return /^\s*\w+\s*[=:]/.test(text) && /^NDims\s*[=:]/m.test(text);
}

/** Reads the header at the start of `bytes`. `file` is what errors call it. */
export function parseHeader(bytes: Uint8Array, file: string, maxVoxels = MAX_VOXELS): MetaImageHeader {
  const { values, headerBytes, lines } = readLines(bytes, file);
  const fields = new HeaderFields(values, file);
  refuseUnsupported(fields);

  const dimensions = fields.dimensions();
  const [columns, rows, slices] = fields.axes(
    'DimSize',
    dimensions,
    1,
    (value) => Number.isSafeInteger(value) && value > 0,
  );
  const voxels = columns * rows * slices;
  if (voxels > maxVoxels) throw metaImageError('METAIMAGE_TOO_LARGE', { file, voxels, limit: maxVoxels });
  const elementType = fields.text('ElementType');
  if (!isElementType(elementType)) throw fields.unsupported('ElementType', 'it is not a number type of MetaImage');

  return {
    geometry: { size: [slices, rows, columns], ...parsePlacement(fields, dimensions) },
    elementType,
    bigEndian: fields.flag('BinaryDataByteOrderMSB', 'ElementByteOrderMSB'),
    compressed: fields.flag('CompressedData'),
    compressedBytes: fields.optionalCount('CompressedDataSize', 0),
    skipBytes: fields.optionalCount('HeaderSize', -1) ?? 0,
    dataFiles: parseDataFiles(fields, slices, lines),
    headerBytes,
    voxelBytes: voxels * numberTypes[elementTypes[elementType]].bytes,
  };
}

/** @param lines what stands below ElementDataFile: the names where it says `LIST`. */
function parseDataFiles(fields: HeaderFields, slices: number, lines: () => string[]): string[] {
  const key = 'ElementDataFile';
  const text = fields.text(key);
  if (text.toUpperCase() === 'LOCAL') return [];
  const [word = '', ...rest] = text.split(/\s+/);
  if (word === 'LIST') {
    if (rest.length > 0 && !/^2D?$/.test(rest.join(' ')))
      throw fields.unsupported(key, 'a file is one slice (LIST 2D)');
    const names = lines();
    if (names.length !== slices) throw fields.bad(key, `${names.length} files are named for ${slices} slices`);
    return names;
  }
  if (!word.includes('%')) return [text];
  const names = expandPattern(word, rest.map(Number), slices);
  if (!names)
    throw fields.bad(key, `a pattern like slice%03d.raw 1 ${slices} 1 with a number for each slice is expected`);
  return names;
}

function parsePlacement(fields: HeaderFields, dimensions: number): Omit<Geometry, 'size'> {
  const spacingKey = fields.firstOf('ElementSpacing', 'ElementSize');
  const spacingXyz = fields.axes(spacingKey, dimensions, 1, (value) => value > 0);
  const originKey = fields.firstOf('Offset', 'Position', 'Origin');
  const originXyz: Xyz = fields.has(originKey) ? fields.axes(originKey, dimensions, 0) : [0, 0, 0];
  const directionKey = fields.firstOf('TransformMatrix', 'Rotation', 'Orientation');
  if (!fields.has(directionKey)) return { spacingXyz, originXyz, direction: IDENTITY_DIRECTION };
  const matrix = fields.numbers(directionKey, dimensions * dimensions);
  const direction = IDENTITY_DIRECTION.map((value, i) => {
    const [row, column] = [Math.floor(i / 3), i % 3];
    return row < dimensions && column < dimensions ? matrix[row * dimensions + column]! : value;
  });
  if (!(Math.abs(directionDeterminant(direction)) >= 1e-6)) {
    throw fields.bad(directionKey, 'two of its directions coincide');
  }
  return { spacingXyz, originXyz, direction };
}

function refuseUnsupported(fields: HeaderFields): void {
  const require = (key: string, only: string, why: string) => {
    if (fields.has(key) && Number(fields.text(key)) !== Number(only) && fields.text(key) !== only) {
      throw fields.unsupported(key, why);
    }
  };
  require('ObjectType', 'Image', 'only images are read');
  require('ElementNumberOfChannels', '1', 'only one value a voxel is read');
  if (fields.has('BinaryData') && !fields.flag('BinaryData')) throw fields.unsupported('BinaryData', 'voxels as text');
  // ITK ignores these two; a scan that really needs them would come out with wrong Hounsfield units.
  require('ElementToIntensityFunctionSlope', '1', 'values would need rescaling');
  require('ElementToIntensityFunctionOffset', '0', 'values would need rescaling');
}

interface HeaderLines {
  values: Map<string, string>;
  headerBytes: number;
  /** The lines that follow ElementDataFile, without empty ones. */
  lines: () => string[];
}

function readLines(bytes: Uint8Array, file: string): HeaderLines {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, LONGEST_HEADER)).toString('latin1');
  const values = new Map<string, string>();
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end).trim();
    start = end + 1;
    if (line === '') continue;
    const match = /^(\w+)\s*[=:]\s*(.*)$/.exec(line);
    if (!match)
      throw metaImageError('METAIMAGE_NOT_A_HEADER', { file, why: `no \`Key = value\` ends before byte ${end}` });
    values.set(match[1]!, match[2]!);
    if (match[1] === 'ElementDataFile') {
      const lines = () =>
        (text.slice(start).match(/[^\r\n]+/g) ?? []).map((name) => name.trim()).filter((name) => name !== '');
      return { values, headerBytes: Math.min(start, text.length), lines };
    }
  }
  throw metaImageError('METAIMAGE_NOT_A_HEADER', { file, why: 'no line `ElementDataFile = …` in it' });
}

/** The header's values by key, checked as they are taken. */
class HeaderFields {
  constructor(
    private readonly values: Map<string, string>,
    private readonly file: string,
  ) {}

  has(key: string): boolean {
    return this.values.has(key);
  }

  /** The first of the synonyms that the header uses, or the first one. */
  firstOf(...keys: [string, ...string[]]): string {
    return keys.find((key) => this.has(key)) ?? keys[0];
  }

  text(key: string): string {
    const value = this.values.get(key);
    if (value === undefined) throw metaImageError('METAIMAGE_MISSING_KEY', { file: this.file, key });
    return value;
  }

  numbers(key: string, count: number, isValid: (value: number) => boolean = Number.isFinite): number[] {
    const numbers = this.text(key).split(/\s+/).map(Number);
    if (numbers.length !== count) throw this.bad(key, `${count} numbers are expected`);
    if (!numbers.every((value) => Number.isFinite(value) && isValid(value)))
      throw this.bad(key, 'a value is out of range');
    return numbers;
  }

  /** Two for one slice, three for a volume; more where the further axes have one element each. */
  dimensions(): number {
    const dimensions = this.numbers('NDims', 1, (value) => Number.isInteger(value) && value > 0)[0]!;
    if (dimensions < 2 || dimensions > 7) throw this.unsupported('NDims', 'only slices and volumes are read');
    const beyond = this.numbers('DimSize', dimensions).slice(3);
    if (beyond.some((value) => value !== 1)) throw this.unsupported('DimSize', 'only one volume a file is read');
    return dimensions;
  }

  /** The first three of a key's numbers; `missing` for the third of a slice. */
  axes(key: string, dimensions: number, missing: number, isValid?: (value: number) => boolean): Xyz {
    const [x, y, z = missing] = this.numbers(key, dimensions, isValid) as [number, number, number?];
    return [x, y, z];
  }

  optionalCount(key: string, least: number): number | undefined {
    if (!this.has(key)) return undefined;
    return this.numbers(key, 1, (value) => Number.isSafeInteger(value) && value >= least)[0];
  }

  /** False where no synonym is in the header. MetaImage writes True and False, some tools 1 and 0. */
  flag(...keys: [string, ...string[]]): boolean {
    const key = this.firstOf(...keys);
    if (!this.has(key)) return false;
    if (/^(true|1)$/i.test(this.text(key))) return true;
    if (/^(false|0)$/i.test(this.text(key))) return false;
    throw this.bad(key, 'True or False is expected');
  }

  bad(key: string, why: string): Error {
    return metaImageError('METAIMAGE_BAD_VALUE', { file: this.file, key, value: this.text(key), why });
  }

  unsupported(key: string, why: string): Error {
    return metaImageError('METAIMAGE_UNSUPPORTED', { file: this.file, key, value: this.text(key), why });
  }
}
