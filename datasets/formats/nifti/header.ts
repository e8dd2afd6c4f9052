import type { Geometry } from '../../volume';
import { type NumberType, numberTypes } from '../voxel-files';
import { niftiError } from './errors';
import { placementOfHeader } from './orientation';
import { type NiftiFields, readFields } from './fields';

/** A header in typed form. */
export interface NiftiHeader {
  geometry: Geometry;
  type: NumberType;
  bigEndian: boolean;
  /** Voxels are stored × slope + intercept. */
  slope: number;
  intercept: number;
  /** Whether the voxels stand in the file of the header, or in an `.img` beside it. */
  single: boolean;
  /** Bytes before the voxels, in whichever file they stand. */
  offset: number;
  voxelBytes: number;
}

/** The longer header, NIfTI-2's. */
export const HEADER_BYTES = 540;

/** 1 GiB of int16: 2,048 slices of 512 × 512. */
export const MAX_VOXELS = 2 ** 29;

/** NIfTI's codes of number types (nifti1.h). */
const DATA_TYPES: Readonly<Record<number, NumberType>> = {
  2: 'uint8',
  4: 'int16',
  8: 'int32',
  16: 'float32',
  64: 'float64',
  256: 'int8',
  512: 'uint16',
  768: 'uint32',
  1024: 'int64',
  1280: 'uint64',
};

const REFUSED_TYPES: Readonly<Record<number, string>> = {
  1: 'bits',
  32: 'complex numbers',
  128: 'colours',
  1536: '128-bit numbers',
  1792: 'complex numbers',
  2048: 'complex numbers',
  2304: 'colours',
};

/** Reads the header at the start of `bytes` (540 of them, or the whole file). `file` is what errors call it. */
export function parseHeader(bytes: Uint8Array, file: string, maxVoxels = MAX_VOXELS): NiftiHeader {
  const fields = readFields(bytes, file);
  const size = sizeOf(fields, file);
  const voxels = size[0] * size[1] * size[2];
  if (voxels > maxVoxels) throw niftiError('NIFTI_TOO_LARGE', { file, voxels, limit: maxVoxels });
  const type = DATA_TYPES[fields.datatype];
  if (!type) {
    const why = REFUSED_TYPES[fields.datatype] ?? 'there is no such type';
    throw niftiError('NIFTI_UNSUPPORTED', { file, field: 'datatype', value: fields.datatype, why });
  }
  return {
    geometry: { size, ...placementOfHeader(fields, size, file) },
    type,
    bigEndian: fields.bigEndian,
    ...rescaling(fields, file),
    single: fields.single,
    offset: offsetOf(fields, file),
    voxelBytes: voxels * numberTypes[type].bytes,
  };
}

/** Slices, rows, columns; a file of one slice or one row is a volume, further axes have to be of one element. */
function sizeOf({ dim }: NiftiFields, file: string): Geometry['size'] {
  const [dimensions = 0, ...lengths] = dim;
  const bad = (why: string) => niftiError('NIFTI_BAD_VALUE', { file, field: 'dim', value: dim.join(' '), why });
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > 7) throw bad('1 to 7 axes are expected');
  const used = lengths.slice(0, dimensions);
  if (!used.every((length) => Number.isSafeInteger(length) && length > 0)) throw bad('every axis needs a voxel');
  const [columns = 1, rows = 1, slices = 1, ...beyond] = used;
  if (beyond.some((length) => length !== 1)) {
    const why = 'only one volume a file is read: take one out of the series, for example with nibabel';
    throw niftiError('NIFTI_UNSUPPORTED', { file, field: 'dim', value: dim.join(' '), why });
  }
  return [slices, rows, columns];
}

/** As nibabel: a slope of zero, or one that is no number, means that nothing is rescaled. */
function rescaling({ slope, intercept }: NiftiFields, file: string): Pick<NiftiHeader, 'slope' | 'intercept'> {
  if (slope === 0 || !Number.isFinite(slope)) return { slope: 1, intercept: 0 };
  if (Number.isFinite(intercept)) return { slope, intercept };
  const why = 'the slope is a number and this is not';
  throw niftiError('NIFTI_BAD_VALUE', { file, field: 'scl_inter', value: intercept, why });
}

function offsetOf({ voxOffset, single, headerBytes }: NiftiFields, file: string): number {
  const offset = single && voxOffset === 0 ? headerBytes + 4 : voxOffset;
  if (Number.isSafeInteger(offset) && offset >= (single ? headerBytes : 0)) return offset;
  const why = 'it is no place behind the header';
  throw niftiError('NIFTI_BAD_VALUE', { file, field: 'vox_offset', value: voxOffset, why });
}
