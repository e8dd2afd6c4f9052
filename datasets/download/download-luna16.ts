import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withFileLock, writeFileDurably } from 'durable-files';
import { type DownloadState, WORK_FOLDER, keepState, readState } from './download-state';
import { downloadError } from './errors';
import { fetchFile } from './fetch-file';
import { assertSpace } from './free-space';
import { locateFiles } from './locate-files';
import { CITATION, type Extra, LICENCE, luna16Files } from './luna16-source';
import { type DownloadPlan, type PlannedFile, planDownload } from './plan-download';
import { type Patience, USUAL_PATIENCE } from './retry';
import { type Unpacked, unpackZip } from './unpack-zip';

export interface DownloadOptions {
  /** 0 to 9. */
  subsets: readonly number[];
  /** Lung masks, the evaluation script. */
  extras?: readonly Extra[];
  /** A folder that holds the files, or the address above them, instead of Zenodo. */
  mirror?: string;
  /** Zenodo, or what stands for it. */
  baseUrl?: string;
  /** Files at a time. */
  parallel?: number;
  keepArchives?: boolean;
  /** Plan only. */
  dryRun?: boolean;
  patience?: Patience;
  signal?: AbortSignal;
  onPlan?: (plan: DownloadPlan) => void;
  /** Bytes fetched and unpacked, of all that will be. */
  onProgress?: (done: number, total: number, note: string) => void;
}

/**
 * Brings LUNA16 into `dir`, in the layout that `openLuna16` reads: labels, subsets and, if wanted, lung masks. Files
 * are fetched several at a time, resumed, checked by the MD5 that their record tells, unpacked and removed. Whatever is
 * there and whole is left alone; an interrupted download goes on where it was.
 *
 * @throws CodedError of the DOWNLOAD_… family. When one file fails, the others are finished first.
 *
 * ```ts
 * await downloadLuna16('data/luna16', { subsets: [0, 1] });
 * ```
 */
export async function downloadLuna16(dir: string, options: DownloadOptions): Promise<DownloadPlan> {
  const { subsets, extras = [], keepArchives = false, parallel = 3, patience = USUAL_PATIENCE } = options;
  const signal = options.signal ?? new AbortController().signal;
  const makePlan = async () => {
    const files = await locateFiles(luna16Files(subsets, extras), { ...options, patience, signal });
    const state = await readState(dir);
    const plan = await planDownload(dir, files, state, { keepArchives, parallel, signal });
    options.onPlan?.(plan);
    return { plan, state };
  };
  if (options.dryRun) return (await makePlan()).plan;
  await mkdir(join(dir, WORK_FOLDER), { recursive: true });
  return withLock(dir, async () => {
    const { plan, state } = await makePlan();
    await assertSpace(dir, plan.needed, plan.free);
    await writeFileDurably(join(dir, 'LICENCE.txt'), LICENCE);
    await writeFileDurably(join(dir, 'CITATION.bib'), CITATION);
    const pending = plan.files.filter((file) => file.state !== 'whole');
    const progress = countBytes(pending, options.onProgress);
    await inParallel(pending, parallel, async (file) => {
      const unpacked = await bring(dir, file, { keepArchives, patience, signal, progress: progress(file) });
      state.done[file.becomes] = { checkedBy: file.checkedBy, files: unpacked };
      await keepState(dir, state satisfies DownloadState);
    });
    return plan;
  });
}

async function withLock<T>(dir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await withFileLock(join(dir, WORK_FOLDER, 'running'), work);
  } catch (error) {
    const locked = (error as NodeJS.ErrnoException).code === 'ELOCKED';
    throw locked ? downloadError('DOWNLOAD_RUNNING', { dir }, error) : error;
  }
}

interface BringOptions {
  keepArchives: boolean;
  patience: Patience;
  signal: AbortSignal;
  progress: { fetched: (bytes: number) => void; unpacked: (bytes: number) => void };
}

/** Fetches one file, unpacks it into its place, and removes the archive. */
async function bring(dir: string, file: PlannedFile, options: BringOptions): Promise<Unpacked> {
  const { keepArchives, patience, signal, progress } = options;
  if (signal.aborted) throw downloadError('DOWNLOAD_INTERRUPTED');
  const work = join(dir, WORK_FOLDER);
  const fetched = file.path ?? join(work, file.name);
  if (file.remote && file.state !== 'to unpack') {
    await fetchFile(file.remote, fetched, { patience, signal, onBytes: progress.fetched });
  }
  if (!file.name.endsWith('.zip')) {
    if (file.remote) await rename(fetched, join(dir, file.becomes));
    else await copyWhole(fetched, join(dir, file.becomes));
    return [[file.becomes, file.size ?? 0]];
  }
  const scratch = join(work, `${file.name}.unpacking`);
  try {
    const unpacked = await unpackZip(fetched, dir, file.becomes, scratch, { signal, onBytes: progress.unpacked });
    if (file.remote && keepArchives) await rename(fetched, join(dir, file.name));
    else if (file.remote) await rm(fetched, { force: true });
    return unpacked;
  } catch (error) {
    // A damaged archive would fail the same way for ever; one that Ctrl-C or a full disk stopped is still good.
    if ((error as { code?: unknown }).code === 'DOWNLOAD_BAD_ARCHIVE' && file.remote)
      await rm(fetched, { force: true });
    throw error;
  }
}

async function copyWhole(from: string, to: string): Promise<void> {
  await copyFile(from, `${to}.tmp`);
  await rename(`${to}.tmp`, to);
}

/** Runs `work` for each, `parallel` at a time. All are tried; then the first failure is thrown. */
async function inParallel<T>(items: readonly T[], parallel: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const failures: unknown[] = [];
  const runner = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      await work(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, parallel) }, runner));
  if (failures.length > 0) throw failures[0];
}

function countBytes(files: readonly PlannedFile[], onProgress: DownloadOptions['onProgress']) {
  const goal = (file: PlannedFile) => (file.remote ? (file.size ?? 0) : 0) + (isZip(file) ? file.unpacked : 0);
  const total = files.reduce((sum, file) => sum + goal(file), 0);
  const fetched = new Map<string, number>();
  const unpacked = new Map<string, number>();
  const tell = (note: string) => {
    const done = [...fetched.values(), ...unpacked.values()].reduce((sum, bytes) => sum + bytes, 0);
    onProgress?.(Math.min(done, total), Math.max(total, 1), note);
  };
  return (file: PlannedFile) => ({
    fetched: (bytes: number) => {
      fetched.set(file.name, bytes);
      tell(`fetching ${file.name}`);
    },
    unpacked: (bytes: number) => {
      if (file.remote) fetched.set(file.name, file.size ?? 0);
      unpacked.set(file.name, bytes);
      tell(`unpacking ${file.name}`);
    },
  });
}

const isZip = ({ name }: PlannedFile) => name.endsWith('.zip');
