import { type Geometry, IDENTITY_DIRECTION, type Xyz, directionDeterminant } from '../../volume';
import { numberTypes } from '../voxel-files';
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
  /** Name of the data file relative to the header; undefined: the voxels follow the header (`LOCAL`). */
  dataFile: string | undefined;
  /** Length of the header itself, where `LOCAL` voxels begin. */
  headerBytes: number;
  /** Length of the voxels when unpacked. */
  voxelBytes: number;
}

/** More than any header of a real image. */
export const LONGEST_HEADER = 1 << 16;

/** 1 GiB of int16: 2,048 slices of 512 × 512. */
export const MAX_VOXELS = 2 ** 29;

/** Reads the header at the start of `bytes`. `file` is what errors call it. */
export function parseHeader(bytes: Uint8Array, file: string, maxVoxels = MAX_VOXELS): MetaImageHeader {
  const { values, headerBytes } = readLines(bytes, file);
  const fields = new HeaderFields(values, file);
  refuseUnsupported(fields);

  const [columns, rows, slices] = fields.triple('DimSize', (value) => Number.isSafeInteger(value) && value > 0);
  const voxels = columns * rows * slices;
  if (voxels > maxVoxels) throw metaImageError('METAIMAGE_TOO_LARGE', { file, voxels, limit: maxVoxels });
  const elementType = fields.text('ElementType');
  if (!isElementType(elementType)) throw fields.unsupported('ElementType', 'it is not a number type of MetaImage');
  const dataFile = fields.text('ElementDataFile');
  if (/^LIST\b|%\d*d/.test(dataFile)) throw fields.unsupported('ElementDataFile', 'one file a slice');

  return {
    geometry: { size: [slices, rows, columns], ...parsePlacement(fields) },
    elementType,
    bigEndian: fields.flag('BinaryDataByteOrderMSB', 'ElementByteOrderMSB'),
    compressed: fields.flag('CompressedData'),
    compressedBytes: fields.optionalCount('CompressedDataSize', 0),
    skipBytes: fields.optionalCount('HeaderSize', -1) ?? 0,
    dataFile: dataFile.toUpperCase() === 'LOCAL' ? undefined : dataFile,
    headerBytes,
    voxelBytes: voxels * numberTypes[elementTypes[elementType]].bytes,
  };
}

function parsePlacement(fields: HeaderFields): Omit<Geometry, 'size'> {
  const spacingXyz = fields.triple('ElementSpacing', (value) => value > 0);
  const originXyz = fields.triple(fields.firstOf('Offset', 'Position', 'Origin'));
  const directionKey = fields.firstOf('TransformMatrix', 'Rotation', 'Orientation');
  const direction = fields.has(directionKey) ? fields.numbers(directionKey, 9) : IDENTITY_DIRECTION;
  if (Math.abs(directionDeterminant(direction)) < 1e-6) {
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
  fields.text('NDims');
  require('ObjectType', 'Image', 'only images are read');
  require('NDims', '3', 'only volumes are read');
  require('ElementNumberOfChannels', '1', 'only one value a voxel is read');
  if (fields.has('BinaryData') && !fields.flag('BinaryData')) throw fields.unsupported('BinaryData', 'voxels as text');
  // ITK ignores these two; a scan that really needs them would come out with wrong Hounsfield units.
  require('ElementToIntensityFunctionSlope', '1', 'values would need rescaling');
  require('ElementToIntensityFunctionOffset', '0', 'values would need rescaling');
}

function readLines(bytes: Uint8Array, file: string): { values: Map<string, string>; headerBytes: number } {
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
    if (match[1] === 'ElementDataFile') return { values, headerBytes: Math.min(start, text.length) };
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

  triple(key: string, isValid?: (value: number) => boolean): Xyz {
    return this.numbers(key, 3, isValid) as unknown as Xyz;
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
