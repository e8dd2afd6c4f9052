import { niftiError } from './errors';

/** What we use of a NIfTI header, of either version, as it stands in the file (nifti1.h, nifti2.h). */
export interface NiftiFields {
  bigEndian: boolean;
  /** 348 or 540. */
  headerBytes: number;
  /** `n+1`, not `ni1`: the voxels stand in the same file. */
  single: boolean;
  dim: readonly number[];
  datatype: number;
  pixdim: readonly number[];
  voxOffset: number;
  slope: number;
  intercept: number;
  units: number;
  qformCode: number;
  sformCode: number;
  /** b, c, d. */
  quaternion: readonly number[];
  qoffset: readonly number[];
  /** srow_x, srow_y, srow_z: twelve numbers. */
  srow: readonly number[];
}

/** Whether bytes begin like a NIfTI header of either version. */
export function looksLikeNifti(bytes: Uint8Array): boolean {
  return versionOf(bytes) !== undefined;
}

export function readFields(bytes: Uint8Array, file: string): NiftiFields {
  const version = versionOf(bytes);
  if (!version) throw niftiError('NIFTI_NOT_A_HEADER', { file, why: whyNot(bytes) });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return version.version === 1 ? readVersion1(view, version) : readVersion2(view, version);
}

interface Version {
  version: 1 | 2;
  bigEndian: boolean;
  single: boolean;
}

function versionOf(bytes: Uint8Array): Version | undefined {
  if (bytes.length < 348) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const bigEndian of [false, true]) {
    const length = view.getInt32(0, !bigEndian);
    if (length === 348) {
      const magic = text(bytes, 344, 4);
      if (magic === 'n+1\0' || magic === 'ni1\0') return { version: 1, bigEndian, single: magic === 'n+1\0' };
    }
    if (length === 540 && bytes.length >= 540) {
      const magic = text(bytes, 4, 8);
      const single = magic === 'n+2\0\r\n\x1a\n';
      if (single || magic === 'ni2\0\r\n\x1a\n') return { version: 2, bigEndian, single };
    }
  }
  return undefined;
}

function whyNot(bytes: Uint8Array): string {
  if (bytes.length < 348) return `it has ${bytes.length} bytes`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isAnalyze = view.getInt32(0, true) === 348 || view.getInt32(0, false) === 348;
  return isAnalyze ? 'its header is one of Analyze 7.5' : 'it does not begin with the length of a header';
}

function text(bytes: Uint8Array, offset: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString('latin1');
}

function readVersion1(view: DataView, { bigEndian, single }: Version): NiftiFields {
  const short = (at: number) => view.getInt16(at, !bigEndian);
  const float = (at: number) => view.getFloat32(at, !bigEndian);
  const floats = (at: number, count: number) => Array.from({ length: count }, (_, i) => float(at + 4 * i));
  return {
    bigEndian,
    headerBytes: 348,
    single,
    dim: Array.from({ length: 8 }, (_, i) => short(40 + 2 * i)),
    datatype: short(70),
    pixdim: floats(76, 8),
    voxOffset: float(108),
    slope: float(112),
    intercept: float(116),
    units: view.getUint8(123),
    qformCode: short(252),
    sformCode: short(254),
    quaternion: floats(256, 3),
    qoffset: floats(268, 3),
    srow: floats(280, 12),
  };
}

function readVersion2(view: DataView, { bigEndian, single }: Version): NiftiFields {
  const int = (at: number) => view.getInt32(at, !bigEndian);
  const long = (at: number) => Number(view.getBigInt64(at, !bigEndian));
  const double = (at: number) => view.getFloat64(at, !bigEndian);
  const doubles = (at: number, count: number) => Array.from({ length: count }, (_, i) => double(at + 8 * i));
  return {
    bigEndian,
    headerBytes: 540,
    single,
    dim: Array.from({ length: 8 }, (_, i) => long(16 + 8 * i)),
    datatype: view.getInt16(12, !bigEndian),
    pixdim: doubles(104, 8),
    voxOffset: long(168),
    slope: double(176),
    intercept: double(184),
    units: int(500),
    qformCode: int(344),
    sformCode: int(348),
    quaternion: doubles(352, 3),
    qoffset: doubles(376, 3),
    srow: doubles(400, 12),
  };
}
