import type { DataSet } from 'dicom-parser';
import { CodedError } from 'coded-error';
import type { Xyz } from '../../volume';
import type { ByteSource } from './byte-source';
import { dicomError } from './errors';
import { type FrameTags, framesOf } from './frames';
import { type DicomHeader, NO_IMAGE, PIXEL_DATA } from './header';

/** Of a file whose tags cannot be used. */
const NO_LAYOUT = {
  rows: 0,
  columns: 0,
  frames: 0,
  bitsAllocated: 16,
  bitsStored: 16,
  highBit: 15,
  signed: false,
} as const;

/** How a file holds its pixels. */
export interface PixelLayout {
  rows: number;
  columns: number;
  frames: number;
  bitsAllocated: 8 | 16 | 32;
  bitsStored: number;
  highBit: number;
  signed: boolean;
}

/** What it takes to decode a frame. */
export interface FrameCoding {
  transferSyntax: string;
  layout: PixelLayout;
  /** Of the pixel data, where the file tells it. */
  vr: string | undefined;
}

/** A file with images of a scan. */
export interface ImageFile {
  source: ByteSource;
  sopInstanceUid: string;
  seriesUid: string;
  studyUid: string;
  patientId: string;
  modality: string;
  coding: FrameCoding;
  /** Where the pixel data lie in the file, or in the unpacked file of a deflated one; length undefined: in fragments. */
  pixels: { offset: number; length: number | undefined; deflatedFrom: number | undefined };
}

/** Where an image lies in the patient: LPS, millimetres. */
export interface Plane {
  /** Centre of the first pixel. */
  originXyz: Xyz;
  /** Direction of a step along the columns (to the next pixel of a row), and along the rows. */
  alongColumns: Xyz;
  alongRows: Xyz;
  /** Between columns, between rows. */
  pixelSpacing: readonly [number, number];
}

/** One image of a scan. */
export interface Slice {
  file: ImageFile;
  /** Number in its file, from 0. */
  frame: number;
  plane: Plane;
  slope: number;
  intercept: number;
  rescaleType: string;
  /** SpacingBetweenSlices or SliceThickness: the spacing where there is only one slice. */
  thickness: number | undefined;
  isLocalizer: boolean;
  /** What may tell images at the same place apart, most telling first. */
  marks: readonly (readonly [name: string, value: string])[];
}

/** What a file holds: slices; or why it is passed over; or slices that cannot be used, and why. */
export type FileContent =
  | { kind: 'slices'; slices: Slice[] }
  | { kind: 'passed-over'; reason: string }
  | { kind: 'unusable'; file: ImageFile; error: CodedError };

const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';

/** The slices of a file, placed in the world. */
export function slicesOf(
  { dataset, transferSyntax, fileOffset, deflatedFrom }: DicomHeader,
  source: ByteSource,
): FileContent {
  const modality = dataset.string('x00080060') ?? '';
  const reason = reasonToPassOver(dataset, modality);
  if (reason) return { kind: 'passed-over', reason };
  const tags = new Tags(dataset, source.name);
  const pixelData = dataset.elements[PIXEL_DATA]!;
  const file: ImageFile = {
    source,
    sopInstanceUid: dataset.string('x00080018') ?? '',
    seriesUid: dataset.string('x0020000e') ?? '',
    studyUid: dataset.string('x0020000d') ?? '',
    patientId: dataset.string('x00100020') ?? '',
    modality,
    coding: { transferSyntax, layout: NO_LAYOUT, vr: pixelData.vr },
    pixels: {
      offset: pixelData.dataOffset + fileOffset,
      length: pixelData.length === 0xffffffff ? undefined : pixelData.length,
      deflatedFrom,
    },
  };
  try {
    if (file.seriesUid === '') throw tags.missing('SeriesInstanceUID (0020,000E)');
    file.coding.layout = tags.layout();
    const slices = framesOf(dataset, file.coding.layout.frames).map((frame, index) =>
      sliceOf(file, tags, frame, index),
    );
    return { kind: 'slices', slices };
  } catch (error) {
    if (error instanceof CodedError) return { kind: 'unusable', file, error };
    throw error;
  }
}

function reasonToPassOver(dataset: DataSet, modality: string): string | undefined {
  if (dataset.elements['x00041220']) return 'DICOMDIR: a directory of files';
  if (NO_IMAGE.has(modality)) return `${modality}: no image of a scan`;
  if (!dataset.elements[PIXEL_DATA]) return 'no image in it';
  if ((dataset.uint16('x00280002') ?? 1) !== 1) return 'a colour image';
  const placed = dataset.elements['x00200032'] ?? dataset.elements['x52009230'] ?? dataset.elements['x52009229'];
  if (placed) return undefined;
  if (dataset.string('x00080016')?.startsWith(SECONDARY_CAPTURE)) return 'secondary capture';
  if (isLocalizerType(dataset.string('x00080008'))) return 'localizer';
  return CROSS_SECTIONAL.has(modality) ? undefined : `${modality || 'image'} without a place in space`;
}

/** Modalities whose images always tell where they lie; without that they are broken, not something else. */
const CROSS_SECTIONAL = new Set(['CT', 'MR', 'PT']);

function isLocalizerType(imageType: string | undefined): boolean {
  return imageType?.split('\\')[2]?.trim() === 'LOCALIZER';
}

function sliceOf(file: ImageFile, tags: Tags, frame: FrameTags, index: number): Slice {
  const isLocalizer = isLocalizerType(frame.string('x00089007') ?? frame.string('x00080008'));
  const mustRescale = file.modality === 'CT' && !isLocalizer;
  return {
    file,
    frame: index,
    plane: tags.plane(frame),
    slope: tags.rescale(frame, 'x00281053', 'RescaleSlope (0028,1053)', mustRescale) ?? 1,
    intercept: tags.rescale(frame, 'x00281052', 'RescaleIntercept (0028,1052)', mustRescale) ?? 0,
    rescaleType: frame.string('x00281054') ?? '',
    thickness: [...numbers(frame.string('x00180088')), ...numbers(frame.string('x00180050'))].find((mm) => mm > 0),
    isLocalizer,
    marks: MARKS.flatMap(([name, tag, read]) => {
      const value = frame[read](tag);
      return value === undefined ? [] : [[name, String(value)] as const];
    }),
  };
}

/** Of one file: no typed array of them would be longer. */
const MOST_PIXELS = 2 ** 31;

const MARKS = [
  ['stack', 'x00209056', 'string'],
  ['time point', 'x00209128', 'uint32'],
  ['time point', 'x00200100', 'string'],
  ['cardiac phase', 'x00209241', 'string'],
  ['acquisition', 'x00200012', 'string'],
  ['acquisition', 'x00209156', 'uint16'],
  ['trigger time', 'x00181060', 'string'],
  ['kernel', 'x00181210', 'string'],
  ['tube voltage', 'x00180060', 'string'],
  ['echo time', 'x00180081', 'string'],
  ['image type', 'x00089007', 'string'],
  ['image type', 'x00080008', 'string'],
  ['description', 'x0008103e', 'string'],
] as const;

/** Reads a file's tags, and names those that are missing or wrong. */
class Tags {
  constructor(
    private readonly dataset: DataSet,
    private readonly file: string,
  ) {}

  missing(tag: string, way = 'Export the series again as CT images with all their tags.'): CodedError {
    return dicomError('DICOM_MISSING_TAG', { file: this.file, tag, way });
  }

  layout(): PixelLayout {
    const rows = this.count('x00280010', 'Rows (0028,0010)');
    const columns = this.count('x00280011', 'Columns (0028,0011)');
    const bitsAllocated = this.count('x00280100', 'BitsAllocated (0028,0100)');
    const bitsStored = this.dataset.uint16('x00280101') ?? bitsAllocated;
    const highBit = this.dataset.uint16('x00280102') ?? bitsStored - 1;
    const frames = this.dataset.string('x00280008') === undefined ? 1 : Number(this.dataset.string('x00280008'));
    if (bitsAllocated !== 8 && bitsAllocated !== 16 && bitsAllocated !== 32)
      throw this.bad('BitsAllocated (0028,0100)', bitsAllocated, 'a scan has 8, 16 or 32');
    if (bitsStored < 1 || highBit >= bitsAllocated || highBit + 1 < bitsStored)
      throw this.bad('BitsStored (0028,0101)', bitsStored, `with HighBit ${highBit} of ${bitsAllocated} allocated`);
    if (!Number.isInteger(frames) || frames < 1)
      throw this.bad('NumberOfFrames (0028,0008)', frames, 'it is no whole number above 0');
    if (rows * columns * frames > MOST_PIXELS) {
      const voxels = rows * columns * frames;
      throw dicomError('DICOM_TOO_LARGE', { file: this.file, voxels, limit: MOST_PIXELS });
    }
    const signed = this.dataset.uint16('x00280103') === 1;
    return { rows, columns, frames, bitsAllocated, bitsStored, highBit, signed };
  }

  plane(frame: FrameTags): Plane {
    const [x, y, z] = this.vector(frame, 'x00200032', 'ImagePositionPatient (0020,0032)', 3);
    const [cx, cy, cz, rx, ry, rz] = this.vector(frame, 'x00200037', 'ImageOrientationPatient (0020,0037)', 6);
    const [betweenRows, betweenColumns] = this.vector(frame, 'x00280030', 'PixelSpacing (0028,0030)', 2);
    const plane: Plane = {
      originXyz: [x!, y!, z!],
      alongColumns: [cx!, cy!, cz!],
      alongRows: [rx!, ry!, rz!],
      pixelSpacing: [betweenColumns!, betweenRows!],
    };
    if (!(betweenColumns! > 0 && betweenRows! > 0))
      throw this.bad('PixelSpacing (0028,0030)', `${betweenRows}\\${betweenColumns}`, 'it must be above 0');
    const skew = Math.max(
      Math.abs(dot(plane.alongColumns, plane.alongRows)),
      Math.abs(Math.hypot(...plane.alongColumns) - 1),
      Math.abs(Math.hypot(...plane.alongRows) - 1),
    );
    if (skew > 0.01) {
      const value = frame.string('x00200037')!;
      throw this.bad('ImageOrientationPatient (0020,0037)', value, 'these are not two directions at a right angle');
    }
    return plane;
  }

  rescale(frame: FrameTags, tag: string, name: string, must: boolean): number | undefined {
    const text = frame.string(tag);
    if (text === undefined) {
      const way = 'Without it the values are no Hounsfield units; if it is known, `dcmodify -i` of DCMTK can add it.';
      if (must) throw this.missing(name, way);
      if (this.dataset.elements['x00283000'])
        throw dicomError('DICOM_UNSUPPORTED', {
          file: this.file,
          what: 'a lookup table in place of rescale slope and intercept (0028,3000)',
          way: 'Export the series with RescaleSlope and RescaleIntercept.',
        });
      return undefined;
    }
    const value = Number(text);
    if (text === '' || !Number.isFinite(value) || (tag === 'x00281053' && value === 0))
      throw this.bad(name, text, 'it is no usable number');
    return value;
  }

  private count(tag: string, name: string): number {
    const value = this.dataset.uint16(tag);
    if (value === undefined) throw this.missing(name);
    if (value === 0) throw this.bad(name, value, 'it must be above 0');
    return value;
  }

  private vector(frame: FrameTags, tag: string, name: string, length: number): number[] {
    const text = frame.string(tag);
    if (text === undefined || text === '') throw this.missing(name);
    const values = numbers(text);
    if (values.length !== length || !values.every(Number.isFinite))
      throw this.bad(name, text, `it must be ${length} numbers`);
    return values;
  }

  private bad(tag: string, value: string | number, why: string): CodedError {
    return dicomError('DICOM_BAD_VALUE', { file: this.file, tag, value, why });
  }
}

function numbers(text: string | undefined): number[] {
  return text ? text.split('\\').map((part) => (part.trim() === '' ? NaN : Number(part))) : [];
}

const dot = (a: Xyz, b: Xyz) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
