import { type CodedError, isCodedError } from 'coded-error';
import type { ByteSource } from './byte-source';
import { dropCopiedFiles } from './copies';
import { dicomError } from './errors';
import { explain, readHeader } from './header';
import { listSources } from './list-sources';
import { openSeries } from './open-series';
import { splitSeries } from './series';
import { type ImageFile, type Slice, slicesOf } from './slices';
import type { DicomSeries, FindDicomOptions, PassedOver } from './types';

/** 1 GiB of int16: 2,048 slices of 512 × 512. */
const MAX_VOXELS = 2 ** 29;
/** Enough to hide the latency of a network disk. */
const FILES_AT_ONCE = 8;

/**
 * Finds the series of images in a folder (and its folders), a zip archive, or one file. Headers only: voxels are read by
 * each series' `volume()`. Files that are no slices of a scan are passed over: `scanDicom` says which and why.
 *
 * Errors: `DICOM_NOT_FOUND`, `DICOM_NO_SERIES`, `DICOM_DAMAGED`, `DICOM_ZIP_DAMAGED`, `DICOM_ZIP_ENCRYPTED`,
 * `DICOM_ZIP_TOO_LARGE`. What is wrong with one series is in its `problems`, and thrown by its `volume()`.
 *
 * ```ts
 * const [series] = await findDicomSeries('exports/patient-1.zip');
 * const { hu, spacingXyz } = await series.volume();
 * ```
 */
export async function findDicomSeries(path: string, options: FindDicomOptions = {}): Promise<DicomSeries[]> {
  const { series, passedOver, damaged } = await scanDicom(path, options);
  if (series.length > 0) return series;
  if (damaged[0]) throw damaged[0];
  const found = passedOver.map(({ reason, files }) => `${files.length} × ${reason}`).join('; ') || 'it is empty';
  throw dicomError('DICOM_NO_SERIES', { path, found });
}

/** What a folder, archive or file holds. */
export interface DicomScan {
  series: DicomSeries[];
  /** Files that are no slices of a scan. */
  passedOver: PassedOver[];
  /** One for each DICOM file whose header cannot be read; they are in `passedOver` too. */
  damaged: CodedError[];
}

/** As `findDicomSeries`, with the files that were passed over; that there is no series is no error here. */
export async function scanDicom(
  path: string,
  { onProgress, maxVoxels = MAX_VOXELS }: FindDicomOptions = {},
): Promise<DicomScan> {
  const found = await lookInto(await listSources(path), onProgress);
  const series: DicomSeries[] = [];
  for (const { file, slices, localizers, problems } of found.series.values()) {
    if (slices.length === 0 && problems.length === 0) {
      passOver(found.passedOver, 'localizer', ...localizers);
      continue;
    }
    const distinct = await dropCopiedFiles(slices);
    const copies = slices.length - distinct.length;
    const groups = distinct.length > 0 ? splitSeries(distinct) : [{ slices: distinct, by: '' }];
    for (const [i, { slices: ofGroup, by }] of groups.entries()) {
      const part = groups.length > 1 ? { number: i + 1, of: groups.length, by } : null;
      const damagedFiles = found.damaged.length;
      const findings = { file, part, problems, localizers, damagedFiles, copies, maxVoxels };
      series.push(await openSeries({ ...findings, slices: ofGroup }));
    }
  }
  const passedOver = [...found.passedOver].map(([reason, files]) => ({ reason, files }));
  return { series, passedOver, damaged: found.damaged };
}

interface FoundSeries {
  /** Any of its files, to know the series by where it has no usable slice. */
  file: ImageFile;
  slices: Slice[];
  localizers: string[];
  problems: CodedError[];
}

interface Found {
  series: Map<string, FoundSeries>;
  passedOver: Map<string, string[]>;
  damaged: CodedError[];
}

async function lookInto(sources: readonly ByteSource[], onProgress: FindDicomOptions['onProgress']): Promise<Found> {
  const found: Found = { series: new Map(), passedOver: new Map(), damaged: [] };
  let done = 0;
  await inOrder(sources, FILES_AT_ONCE, contentOf, (content, { name }) => {
    if (content.kind === 'passed-over') passOver(found.passedOver, content.reason, name);
    else if (content.kind === 'damaged') {
      passOver(found.passedOver, 'damaged DICOM', name);
      found.damaged.push(content.error);
    } else addToSeries(found.series, content);
    onProgress?.(++done, sources.length);
  });
  return found;
}

type Content = Awaited<ReturnType<typeof contentOf>>;

async function contentOf(source: ByteSource) {
  try {
    const header = await readHeader(source);
    return header ? slicesOf(header, source) : { kind: 'passed-over' as const, reason: 'not DICOM' };
  } catch (error) {
    // dicom-parser throws texts, where a value reaches beyond the file.
    const damaged =
      typeof error === 'string' ? dicomError('DICOM_DAMAGED', { file: source.name, why: explain(error) }) : error;
    if (!isCodedError(damaged) || damaged.code !== 'DICOM_DAMAGED') throw damaged;
    return { kind: 'damaged' as const, error: damaged };
  }
}

function addToSeries(
  series: Map<string, FoundSeries>,
  content: Extract<Content, { kind: 'slices' | 'unusable' }>,
): void {
  const { file } = content.kind === 'slices' ? content.slices[0]! : content;
  const found = series.get(file.seriesUid) ?? { file, slices: [], localizers: [], problems: [] };
  series.set(file.seriesUid, found);
  if (content.kind === 'unusable') {
    found.problems.push(content.error);
    return;
  }
  for (const slice of content.slices) {
    if (slice.isLocalizer) found.localizers.push(file.source.name);
    else found.slices.push(slice);
  }
}

function passOver(passedOver: Map<string, string[]>, reason: string, ...files: string[]): void {
  const found = passedOver.get(reason);
  if (found) found.push(...files);
  else passedOver.set(reason, files);
}

/** Works on several items at once and hands the results over in the order of the items. */
async function inOrder<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
  use: (result: Result, item: Item) => void,
): Promise<void> {
  for (let from = 0; from < items.length; from += atOnce) {
    const batch = items.slice(from, from + atOnce);
    const results = await Promise.all(batch.map(work));
    results.forEach((result, i) => {
      use(result, batch[i]!);
    });
  }
}
