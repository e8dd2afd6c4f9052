import { type CodedError, isCodedError } from 'coded-error';
import { sha256 } from 'durable-files';
import type { DataSet } from 'dicom-parser';
import type { Geometry } from '../../volume';
import { decodeFrame, unsupportedSyntax } from './codecs';
import { dicomError } from './errors';
import { readHeader } from './header';
import { bytesOfFrame, readFrames } from './pixels';
import type { ImageFile, Slice } from './slices';
import { duplicateError, duplicatesIn, stackSlices } from './stack';
import type { DicomFile, DicomNote, DicomSeries } from './types';
import { readVoxels } from './volume';

interface GroupedSlices {
  /** A file of the series, whether or not it has a usable slice. */
  file: ImageFile;
  slices: readonly Slice[];
  part: DicomSeries['part'];
  /** What is wrong with other files of the series. */
  problems: readonly CodedError[];
  localizers: readonly string[];
  damagedFiles: number;
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
    ...checkSize(slices, group.maxVoxels),
  ];
  const first = slices[0]?.file ?? group.file;
  const geometry = stack?.geometry ?? null;
  return {
    seriesUid: first.seriesUid,
    studyUid: first.studyUid,
    patientId: first.patientId,
    modality: first.modality,
    part: group.part,
    geometry,
    unit: unitOf(slices[0], first.modality),
    header: await headerOf(first),
    files: filesOf(slices),
    notes: notesOf(group, slices, dropped),
    problems,
    volume: () => {
      const problem = problems[0];
      if (problem) return Promise.reject(problem);
      return readVoxels(slices, geometry as Geometry);
    },
  };
}

async function headerOf({ source }: ImageFile): Promise<DataSet> {
  const header = await readHeader(source);
  if (!header) throw dicomError('DICOM_NOT_DICOM', { file: source.name });
  return header.dataset;
}

/** Images at the same place are one where all their pixels and their rescaling are the same. */
async function dropCopies(slices: readonly Slice[]) {
  const dropped = new Set<Slice>();
  const conflicts: Slice[][] = [];
  for (const atOnePlace of slices.length > 0 ? duplicatesIn(slices) : []) {
    const contents = new Map<string, Slice>();
    for (const slice of atOnePlace) {
      const content = await contentDigest(slice);
      if (contents.has(content)) dropped.add(slice);
      else contents.set(content, slice);
    }
    if (contents.size > 1) conflicts.push([...contents.values()]);
  }
  return { kept: slices.filter((slice) => !dropped.has(slice)), dropped: dropped.size, conflicts };
}

async function contentDigest({ file, frame, slope, intercept }: Slice): Promise<string> {
  const stored = await readFrames(file)
    .then((frames) => decodeFrame(frames[frame]!, file))
    .catch((error: unknown) => {
      if (isCodedError(error)) return undefined;
      throw error;
    });
  // An image that cannot be read is a copy of none.
  if (!stored) return `${file.source.name} ${frame}`;
  const { buffer, byteOffset, byteLength } = stored;
  return `${sha256(Buffer.from(buffer, byteOffset, byteLength))} ${slope} ${intercept}`;
}

/** What can be known to be wrong with a file's pixels before they are read. */
function checkFile(file: ImageFile): CodedError | undefined {
  const { source, layout, pixels } = file;
  const unsupported = unsupportedSyntax(file);
  if (unsupported || pixels.length === undefined || pixels.deflatedFrom !== undefined) return unsupported;
  const found = Math.max(0, Math.min(pixels.length, source.size - pixels.offset));
  const expected = bytesOfFrame(layout) * layout.frames;
  return found < expected ? dicomError('DICOM_TRUNCATED', { file: source.name, found, expected }) : undefined;
}

function checkSize(slices: readonly Slice[], limit: number): CodedError[] {
  const voxels = slices.reduce((sum, { file: { layout } }) => sum + layout.rows * layout.columns, 0);
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

function notesOf({ part, localizers, damagedFiles }: GroupedSlices, slices: readonly Slice[], dropped: number) {
  const notes: DicomNote[] = [];
  const note = (code: DicomNote['code'], message: string) => notes.push({ code, message });
  if (part) note('PART_OF_SERIES', `part ${part.number} of ${part.of} of its series: ${part.by}`);
  if (dropped > 0) note('DUPLICATES_DROPPED', `${dropped} exact copies of other slices were dropped`);
  if (localizers.length > 0) note('LOCALIZERS_LEFT_OUT', `localizers were left out: ${localizers.join(', ')}`);
  if (damagedFiles > 0) note('DAMAGED_FILES_LEFT_OUT', `${damagedFiles} damaged files beside it were left out`);
  if (slices.length === 1) note('ONE_SLICE', 'there is one slice only; its thickness stands for the spacing');
  const unit = unitOf(slices[0], slices[0]?.file.modality ?? 'CT');
  if (unit !== 'HU') note('NOT_HOUNSFIELD', `its values are ${unit}, not Hounsfield units`);
  return notes;
}
