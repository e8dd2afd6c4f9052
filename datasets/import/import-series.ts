import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isCodedError } from 'coded-error';
import type { DicomElement, DicomElements } from 'dcmjs';
import { writeFileDurably } from 'durable-files';
import type { DicomFile, DicomSeries } from '../formats/dicom';
import { writeMetaImage } from '../formats/metaimage';
import { acquisitionOf } from './acquisition';
import {
  type ProfileOptions,
  type Pseudonyms,
  type Refusal,
  Tally,
  deidentifyElements,
  openDicom,
  writeDicom,
} from './deidentify';
import { importError } from './errors';
import type { ImportedSeries, Journal } from './journal';

/** Where series go to and under which names. */
export interface Target {
  dir: string;
  /** Folder for the de-identified DICOM files; undefined: they are not kept. */
  keepDicom: string | undefined;
  compressed: boolean;
  /** Nothing is written; what would become of each series is found out as far as its tags tell. */
  dryRun: boolean;
  pseudonyms: Pseudonyms;
  options: ProfileOptions;
  journal: Journal;
  signal: AbortSignal | undefined;
  /** Scans of the dataset when the import began: file by UID. */
  scans: Map<string, string>;
}

/** What became of a series. */
export interface SeriesOutcome {
  state: 'imported' | 'already' | 'refused' | 'failed';
  /** The new one. */
  seriesUid: string;
  files: number;
  /** A `Refusal`, or the code of an error; empty where there is neither. */
  why: string;
  /** Codes of what a user should know about the scan. */
  notes: string[];
  /** One of the source's files. Its name may hold the patient's: only for who asks. */
  sourceFile: string;
}

/** New UID of a series; of each stack where one series holds several. */
export function newSeriesUid({ seriesUid, part }: DicomSeries, pseudonyms: Pseudonyms): string {
  return pseudonyms.uid(part ? `${seriesUid}#${part.number}` : seriesUid);
}

/**
 * Takes one series over: its tags are de-identified and counted, its voxels written as `subset0/<new UID>.mhd`, and with
 * `keepDicom` its files rewritten. The journal hears of it last, so a series it knows stands whole.
 *
 * What is wrong with this series alone is its outcome, not an error; a full disk is an error.
 */
export async function importSeries(series: DicomSeries, target: Target): Promise<SeriesOutcome> {
  const seriesUid = newSeriesUid(series, target.pseudonyms);
  const files = filesOf(series);
  const told = { seriesUid, files: files.length, sourceFile: files[0]?.name ?? '' };
  try {
    return { ...told, ...(await takeOver(series, seriesUid, files, target)) };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { ...told, state: 'failed', why: error.code, notes: [] };
  }
}

async function takeOver(
  series: DicomSeries,
  seriesUid: string,
  files: DicomFile[],
  target: Target,
): Promise<Pick<SeriesOutcome, 'state' | 'why' | 'notes'>> {
  const { journal, dir, dryRun } = target;
  const source = sourceDigest(files, target.pseudonyms);
  const before = journal.series.get(seriesUid);
  const scan = target.scans.get(seriesUid);
  if (before && scan !== undefined && standsWhole(dir, scan)) {
    if (before.source !== source) throw importError('IMPORT_SOURCE_CHANGED', { seriesUid, file: join(dir, scan) });
    if (before.keptDicom || target.keepDicom === undefined) {
      return { state: 'already', why: '', notes: [] };
    }
  }
  const tally = new Tally();
  const patientId = series.patientId.trim() || `study ${series.studyUid}`;
  const { pseudonyms, options, signal } = target;
  const context = { pseudonyms, options, patientId, tally, signal };
  const first = await inspect(files, seriesUid, context);
  if ('refusal' in first) {
    if (!dryRun) {
      await journal.append({ kind: 'refused', seriesUid, reason: first.refusal, files: files.length });
    }
    return { state: 'refused', why: first.refusal, notes: [] };
  }
  if (series.problems[0]) throw series.problems[0];
  const notes = series.notes.map((note) => note.code);
  if (dryRun) return { state: 'imported', why: '', notes };

  const volume = await series.volume();
  await writeMetaImage(join(dir, scan ?? join('subset0', `${seriesUid}.mhd`)), volume, {
    compressed: target.compressed,
  });
  if (target.keepDicom !== undefined) await keepFiles(files, seriesUid, target.keepDicom, context);
  const entry: ImportedSeries = {
    kind: 'series',
    seriesUid,
    patient: target.pseudonyms.patient(patientId),
    source,
    files: files.length,
    slices: volume.size[0],
    spacingXyz: [...volume.spacingXyz],
    keptDicom: target.keepDicom !== undefined,
    acquisition: acquisitionOf(first.elements),
    notes,
    tally: tally.rows().map(({ tag, deed, reason, count }) => ({ tag, deed, reason, count })),
  };
  await journal.append(entry);
  return { state: 'imported', why: '', notes };
}

type Context = Parameters<typeof deidentifyElements>[1] & Pick<Target, 'signal'>;

/** De-identifies the tags of every file; the first file's come back. A refused image refuses its whole series. */
async function inspect(
  files: readonly DicomFile[],
  seriesUid: string,
  context: Context,
): Promise<{ refusal: Refusal } | { elements: DicomElements }> {
  let first: DicomElements | undefined;
  for (const file of files) {
    context.signal?.throwIfAborted();
    const { elements, refusal } = openDicom(await file.read(), file.name, { pixels: false });
    if (refusal !== undefined) return { refusal };
    const clean = deidentifyElements(elements, context, seriesUid);
    first ??= clean;
  }
  return { elements: first ?? {} };
}

/** `<dir>/<new study UID>/<new series UID>/<new instance UID>.dcm`; a file that is there already is whole and the same. */
async function keepFiles(files: readonly DicomFile[], seriesUid: string, dir: string, counted: Context): Promise<void> {
  const context = { ...counted, tally: new Tally() };
  const { pseudonyms } = context;
  for (const file of files) {
    context.signal?.throwIfAborted();
    const { elements, transferSyntax } = openDicom(await file.read(), file.name, { pixels: true });
    const clean = deidentifyElements(elements, context, seriesUid);
    const study = textOf(clean['0020000D']) ?? pseudonyms.uid('');
    const instance = textOf(clean['00080018']) ?? pseudonyms.uid(file.sopInstanceUid);
    const path = join(dir, study, seriesUid, `${instance}.dcm`);
    if (!existsSync(path)) await writeFileDurably(path, writeDicom(clean, transferSyntax));
  }
}

function textOf(element: DicomElement | undefined): string | undefined {
  const [value] = element?.Value ?? [];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** An enhanced CT is one file of many slices, and stands once. */
function filesOf({ files }: DicomSeries): DicomFile[] {
  return [...new Map(files.map((file) => [file.name, file])).values()];
}

/** The header is written last: where it stands, its voxels do. Somebody may have taken them away since. */
function standsWhole(dir: string, scan: string): boolean {
  const bare = join(dir, scan.slice(0, -'.mhd'.length));
  return existsSync(join(dir, scan)) && (existsSync(`${bare}.raw`) || existsSync(`${bare}.zraw`));
}

function sourceDigest(files: readonly DicomFile[], pseudonyms: Pseudonyms): string {
  const hash = createHash('sha256');
  const names = files.map(({ sopInstanceUid, size }) => `${sopInstanceUid}:${size}`).sort();
  return pseudonyms.digest(hash.update(names.join()).digest('hex'));
}
