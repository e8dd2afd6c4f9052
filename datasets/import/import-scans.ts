import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { withFileLock } from 'durable-files';
import type { DicomScan, DicomSeries } from '../formats/dicom';
import { type AnnotationSource, openAnnotations } from './annotations';
import { type Pseudonyms, PROFILE_EDITION, createPseudonyms, defaultKeyFile, openKey } from './deidentify';
import { type DicomwebOptions, type SeriesQuery, createDicomwebClient, credentialsFromEnvironment } from './dicomweb';
import { importError } from './errors';
import { type SeriesOutcome, type Target, importSeries, newSeriesUid } from './import-series';
import { type Journal, openJournal } from './journal';
import { type DeidentificationReport, makeReport, writeReport } from './report';
import { type OnProgress, type Source, localSource, remoteSources, spoolOf } from './sources';
import { findScans, settleTables } from './tables';

export interface ImportOptions {
  /** Folders, zip archives and files of DICOM. */
  sources: readonly string[];
  /** A DICOMweb server, and what to ask it for. */
  dicomweb?: { url: string; allowHttp?: boolean; query: SeriesQuery };
  /** The dataset's folder; what is in it stays. */
  to: string;
  /** Folder for the de-identified DICOM files, if they are to be kept too. */
  keepDicom?: string | undefined;
  /** Folders of LIDC-IDRI XML, or CSV files, that name series by their original UIDs. */
  annotations?: readonly string[];
  /** `.zraw` in place of `.raw`. */
  compressed?: boolean;
  /** Keep sex, age, size, weight and the like, which the Basic Profile removes. */
  retainPatientCharacteristics?: boolean;
  /** Look and de-identify, write nothing. */
  dryRun?: boolean;
  /** Where the key lies; `defaultKeyFile()` unless told. LUNGATE_DEID_KEY goes first. */
  keyFile?: string | undefined;
  onProgress?: OnProgress;
  /** Stops between two series. */
  signal?: AbortSignal;
}

export interface ImportOutcome {
  series: SeriesOutcome[];
  /** Files that are no slices of a scan, by the reason. */
  passedOver: { reason: string; files: number }[];
  annotations: { series: number; nodules: number; excluded: number; outside: number; withoutScan: number };
  report: DeidentificationReport;
}

const SERIES_BETWEEN_TABLES = 50;

/**
 * Imports CT series into a dataset in LUNA16's layout, de-identified by DICOM PS3.15 Annex E: scans under new UIDs, patients
 * under pseudonyms, `series.csv` with how each scan was made, LIDC-IDRI's readings as annotations, and a report of what was
 * removed. The same source imported again changes nothing; a run that was killed goes on where it was.
 *
 * @throws CodedError of the IMPORT_, DEID_, ANNOTATIONS_, DICOM_ and DICOMWEB_ families.
 *
 * ```ts
 * const { series } = await importScans({ sources: ['exports/ct.zip'], to: 'data/clinic' });
 * ```
 */
export async function importScans(options: ImportOptions): Promise<ImportOutcome> {
  if (options.sources.length === 0 && !options.dicomweb) throw importError('IMPORT_NO_SOURCE');
  if (options.dryRun) return importAll(options);
  await mkdir(options.to, { recursive: true });
  try {
    return await withFileLock(join(options.to, 'lungate-import'), () => importAll(options), 2);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ELOCKED')
      throw importError('IMPORT_IN_USE', { dir: options.to }, error);
    throw error;
  }
}

async function importAll(options: ImportOptions): Promise<ImportOutcome> {
  const pseudonyms = await openPseudonyms(options);
  const journal = await openJournal(options.to, { readOnly: options.dryRun === true });
  await startJournal(journal, pseudonyms, options);
  const annotations = await openAnnotations(options.annotations ?? []);
  const target: Target = {
    dir: options.to,
    keepDicom: options.keepDicom,
    compressed: options.compressed === true,
    dryRun: options.dryRun === true,
    pseudonyms,
    options: { retainPatientCharacteristics: options.retainPatientCharacteristics === true },
    journal,
    signal: options.signal,
    scans: await findScans(options.to),
  };
  const run = new Run(target, annotations, options);
  try {
    for (const source of await openSources(options)) await run.take(source);
  } catch (error) {
    // Whatever was cut off, a file or a request, says so in its own way.
    throw options.signal?.aborted ? run.interrupted() : error;
  } finally {
    if (!target.dryRun) await settle(options.to, journal);
  }
  const outcome = run.outcome();
  if (outcome.series.length > 0) return outcome;
  const found = outcome.passedOver.map(({ reason, files }) => `${files} × ${reason}`).join(', ');
  throw importError('IMPORT_NOTHING_FOUND', { found: found || 'nothing was found' });
}

/** One walk over all sources, and what came of it so far. */
class Run {
  private readonly series: SeriesOutcome[] = [];
  private readonly passedOver = new Map<string, number>();
  private readonly annotated = { series: 0, nodules: 0, excluded: 0, outside: 0 };
  private readonly matched = new Set<string>();
  private total = 0;

  constructor(
    private readonly target: Target,
    private readonly annotations: AnnotationSource,
    private readonly options: ImportOptions,
  ) {}

  async take(source: Source): Promise<void> {
    if (await this.isTakenAlready(source)) return;
    const scan = await source.open();
    this.note(scan);
    this.total += scan.series.length;
    for (const series of scan.series) {
      this.target.signal?.throwIfAborted();
      await this.takeSeries(series);
    }
    await source.close();
  }

  interrupted(): Error {
    return importError('IMPORT_INTERRUPTED', { done: this.series.length, total: this.total });
  }

  outcome(): ImportOutcome {
    const { annotations, target } = this;
    const withoutScan = [...annotations.seriesUids].filter((uid) => !this.matched.has(uid)).length;
    return {
      series: this.series,
      passedOver: [...this.passedOver].map(([reason, files]) => ({ reason, files })),
      annotations: { ...this.annotated, withoutScan },
      report: makeReport(target.journal),
    };
  }

  private async takeSeries(series: DicomSeries): Promise<void> {
    const outcome = await importSeries(series, this.target);
    this.series.push(outcome);
    this.options.onProgress?.('import', this.series.length, this.total);
    if (outcome.state === 'imported' || outcome.state === 'already') await this.annotate(series);
    if (!this.target.dryRun && this.series.length % SERIES_BETWEEN_TABLES === 0) {
      await settleTables(this.target.dir, this.target.journal);
    }
  }

  private async annotate(series: DicomSeries): Promise<void> {
    const { journal, pseudonyms } = this.target;
    const found = this.annotations.annotate(series, newSeriesUid(series, pseudonyms));
    if (!found) return;
    this.matched.add(series.seriesUid);
    this.annotated.series++;
    this.annotated.nodules += found.annotations.nodules.length;
    this.annotated.excluded += found.annotations.excluded.length;
    this.annotated.outside += found.outside;
    const before = journal.annotations.get(found.annotations.seriesUid);
    if (JSON.stringify(before) !== JSON.stringify(found.annotations)) await journal.append(found.annotations);
  }

  /** A server's series that stands here whole need not be fetched again, unless something more is asked of it. */
  private async isTakenAlready({ remote }: Source): Promise<boolean> {
    if (!remote || this.annotations.seriesUids.has(remote.seriesUid)) return false;
    const { journal, pseudonyms, scans, keepDicom } = this.target;
    const seriesUid = pseudonyms.uid(remote.seriesUid);
    const known = journal.series.get(seriesUid);
    if (!known || !scans.has(seriesUid) || (keepDicom !== undefined && !known.keptDicom)) return false;
    if ((await remote.instances()).length !== known.files) return false;
    this.series.push({ state: 'already', seriesUid, files: known.files, why: '', notes: [], sourceFile: '' });
    this.total++;
    return true;
  }

  private note({ passedOver }: DicomScan): void {
    for (const { reason, files } of passedOver) {
      this.passedOver.set(reason, (this.passedOver.get(reason) ?? 0) + files.length);
    }
  }
}

async function openPseudonyms({ dryRun, keyFile = defaultKeyFile() }: ImportOptions): Promise<Pseudonyms> {
  // A look must not leave a key behind; what it would call things is not told by it either.
  const isThere = Boolean(process.env['LUNGATE_DEID_KEY']) || existsSync(keyFile);
  return createPseudonyms(dryRun && !isThere ? randomBytes(32) : await openKey(keyFile));
}

/** A dataset has one key and one profile for as long as it lives. */
async function startJournal(journal: Journal, pseudonyms: Pseudonyms, options: ImportOptions): Promise<void> {
  const { to: dir, retainPatientCharacteristics = false, dryRun } = options;
  const is = pseudonyms.keyFingerprint;
  if (!journal.start) {
    const profile = PROFILE_EDITION;
    return journal.append({ kind: 'start', version: 1, profile, keyFingerprint: is, retainPatientCharacteristics });
  }
  const was = journal.start.keyFingerprint;
  if (was !== is && !dryRun) throw importError('IMPORT_OTHER_KEY', { dir, was, is });
  if (journal.start.retainPatientCharacteristics !== retainPatientCharacteristics) {
    const words = (retained: boolean) => (retained ? 'retaining' : 'removing');
    throw importError('IMPORT_OTHER_OPTIONS', {
      dir,
      was: words(!retainPatientCharacteristics),
      is: words(retainPatientCharacteristics),
    });
  }
}

async function openSources({ sources, dicomweb, to, onProgress, signal }: ImportOptions): Promise<Source[]> {
  const local = sources.map((path) => localSource(path, onProgress));
  if (!dicomweb) return local;
  const authorization = credentialsFromEnvironment();
  const { url, allowHttp = false, query } = dicomweb;
  const options: DicomwebOptions = { url, allowHttp, authorization, signal };
  return [...local, ...(await remoteSources(createDicomwebClient(options), query, spoolOf(to), onProgress))];
}

async function settle(dir: string, journal: Journal): Promise<void> {
  if (journal.series.size + journal.refused.size > 0) {
    if (journal.series.size > 0) await settleTables(dir, journal);
    await writeReport(dir, makeReport(journal));
  }
  // Empty once all is imported; what is left in it is taken up by the next run.
  await rmdir(spoolOf(dir)).catch(() => undefined);
}
