import type { CodedError } from 'coded-error';
import type { DataSet } from 'dicom-parser';
import type { Geometry, Volume } from '../../volume';
import { unsupportedSyntax } from './codecs';
import { dropCopies } from './copies';
import { dicomError } from './errors';
import { readHeader } from './header';
import { bytesOfFrame } from './pixels';
import type { ImageFile, Slice } from './slices';
import { type Stack, duplicateError, stackSlices } from './stack';
import { levelGeometry, levelSlices, tiltDegrees } from './tilt';
import type { DicomFile, DicomNote, DicomSeries } from './types';
import { readVoxels } from './volume';

/** HU beyond the slices of a tilted scan. */
const AIR = -1000;

/** Pixels of a compressed image: 8192 × 8192. */
const MOST_COMPRESSED = 2 ** 26;

interface GroupedSlices {
  /** A file of the series, whether or not it has a usable slice. */
  file: ImageFile;
  slices: readonly Slice[];
  part: DicomSeries['part'];
  /** What is wrong with other files of the series. */
  problems: readonly CodedError[];
  localizers: readonly string[];
  damagedFiles: number;
  /** Exact copies that were left out already. */
  copies: number;
  maxVoxels: number;
}

/** Checks a group of slices without reading their voxels (but for images at the same place), and makes them a series. */
export async function openSeries(group: GroupedSlices): Promise<DicomSeries> {
  const { kept, dropped, conflicts } = await dropCopies(group.slices);
  const stack = kept.length > 0 && conflicts.length === 0 ? stackSlices(kept) : undefined;
  const slices = stack?.slices ?? kept;
  const problems = [
    ...group.problems,
    ...(conflicts.length > 0 ? [duplicateError(conflicts)] : []),
    ...(stack?.problems ?? []),
    ...slices.flatMap((slice) => checkFile(slice.file) ?? []).slice(0, 1),
    ...checkSize(slices, stack, group.maxVoxels),
  ];
  const first = slices[0]?.file ?? group.file;
  const unit = unitOf(slices[0], first.modality);
  return {
    seriesUid: first.seriesUid,
    studyUid: first.studyUid,
    patientId: first.patientId,
    modality: first.modality,
    part: group.part,
    geometry: stack ? geometryOf(stack) : null,
    unit,
    header: await headerOf(first),
    files: filesOf(slices),
    notes: notesOf({ ...group, dropped: group.copies + dropped, stack, unit }),
    problems,
    volume: () => (problems[0] || !stack ? Promise.reject(problems[0]!) : readStack(stack, unit)),
  };
}

function geometryOf({ stacked, shear }: Stack): Geometry | null {
  return stacked && shear ? levelGeometry(stacked, shear) : stacked;
}

async function readStack({ slices, stacked, shear }: Stack, unit: string): Promise<Volume> {
  const volume = await readVoxels(slices, stacked!);
  return shear ? levelSlices(volume, shear, unit === 'HU' ? AIR : 0) : volume;
}

async function headerOf({ source }: ImageFile): Promise<DataSet> {
  const header = await readHeader(source);
  if (!header) throw dicomError('DICOM_NOT_DICOM', { file: source.name });
  return header.dataset;
}

/** What can be known to be wrong with a file's pixels before they are read. */
function checkFile(file: ImageFile): CodedError | undefined {
  const { source, coding, pixels } = file;
  const unsupported = unsupportedSyntax(coding, source.name, pixels.length === undefined);
  const voxels = coding.layout.rows * coding.layout.columns;
  // A decoder takes several times that, for a code of a few bytes.
  if (pixels.length === undefined && voxels > MOST_COMPRESSED)
    return dicomError('DICOM_TOO_LARGE', { file: source.name, voxels, limit: MOST_COMPRESSED });
  if (unsupported || pixels.length === undefined || pixels.deflatedFrom !== undefined) return unsupported;
  const found = Math.max(0, Math.min(pixels.length, source.size - pixels.offset));
  const expected = bytesOfFrame(coding.layout) * coding.layout.frames;
  return found < expected ? dicomError('DICOM_TRUNCATED', { file: source.name, found, expected }) : undefined;
}

function checkSize(slices: readonly Slice[], stack: Stack | undefined, limit: number): CodedError[] {
  if (slices.length === 0) return [];
  const { rows, columns } = slices[0]!.file.coding.layout;
  const [depth, height, width] = (stack && geometryOf(stack)?.size) ?? [slices.length, rows, columns];
  const voxels = depth * height * width;
  return voxels > limit ? [dicomError('DICOM_TOO_LARGE', { file: slices[0]!.file.source.name, voxels, limit })] : [];
}

function unitOf(slice: Slice | undefined, modality: string): string {
  return (slice?.rescaleType ?? '') || (modality === 'CT' ? 'HU' : 'US');
}

function filesOf(slices: readonly Slice[]): DicomFile[] {
  return [...new Set(slices.map(({ file }) => file))].map(({ source, sopInstanceUid }) => ({
    name: source.name,
    size: source.size,
    sopInstanceUid,
    read: () => source.read(0, source.size),
  }));
}

interface Findings extends GroupedSlices {
  dropped: number;
  stack: Stack | undefined;
  unit: string;
}

function notesOf({ part, localizers, damagedFiles, dropped, stack, unit }: Findings): DicomNote[] {
  const notes: DicomNote[] = [];
  const note = (code: DicomNote['code'], message: string) => notes.push({ code, message });
  if (part) note('PART_OF_SERIES', `part ${part.number} of ${part.of} of its series: ${part.by}`);
  if (dropped > 0) note('DUPLICATES_DROPPED', `${dropped} exact copies of other slices were dropped`);
  if (localizers.length > 0) note('LOCALIZERS_LEFT_OUT', `localizers were left out: ${localizers.join(', ')}`);
  if (damagedFiles > 0) note('DAMAGED_FILES_LEFT_OUT', `${damagedFiles} damaged files beside it were left out`);
  if (stack?.slices.length === 1) note('ONE_SLICE', 'there is one slice only; its thickness stands for the spacing');
  if (stack?.stacked && stack.shear) {
    const degrees = Math.round(10 * tiltDegrees(stack.shear, stack.stacked.spacingXyz[2])) / 10;
    note(
      'TILT_CORRECTED',
      `slices of a gantry tilted by ${degrees}° are moved above one another, interpolated in their planes`,
    );
  }
  if (unit !== 'HU') note('NOT_HOUNSFIELD', `its values are ${unit}, not Hounsfield units`);
  return notes;
}
