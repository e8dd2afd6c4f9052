import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { type DownloadState, WORK_FOLDER, areWhole } from './download-state';
import { freeBytes } from './free-space';
import type { LocatedFile } from './locate-files';
import { USUAL_GROWTH } from './luna16-source';
import { chooseEntries, type Unpacked } from './unpack-zip';
import { type ZipEntry, listRemoteZip, openZip } from './zip-listing';

/** One file, and what there is to do for it. */
export interface PlannedFile extends LocatedFile {
  state: 'whole' | 'to unpack' | 'to fetch' | 'to go on';
  /** Bytes that still come over the net. */
  toFetch: number;
  /** Bytes that it will take in the folder; estimated where the server does not show the archive's list. */
  unpacked: number;
}

export interface DownloadPlan {
  files: PlannedFile[];
  toFetch: number;
  /** The most that the folder grows by on the way. */
  needed: number;
  free: number;
}

export async function planDownload(
  dir: string,
  files: readonly LocatedFile[],
  state: DownloadState,
  { keepArchives, parallel, signal }: { keepArchives: boolean; parallel: number; signal: AbortSignal },
): Promise<DownloadPlan> {
  const planned = await Promise.all(files.map((file) => planFile(dir, file, state, signal)));
  const pending = planned.filter(({ state: each }) => each !== 'whole');
  const archives = pending.filter(({ name, remote }) => remote !== null && extname(name) === '.zip');
  const fetched = archives.map(({ toFetch }) => toFetch).sort((a, b) => b - a);
  const kept = keepArchives ? fetched : fetched.slice(0, parallel);
  return {
    files: planned,
    toFetch: sum(pending.map(({ toFetch }) => toFetch)),
    needed: sum(pending.map(({ unpacked }) => unpacked)) + sum(kept),
    free: await freeBytes(dir),
  };
}

async function planFile(
  dir: string,
  file: LocatedFile,
  { done }: DownloadState,
  signal: AbortSignal,
): Promise<PlannedFile> {
  const whole = { ...file, state: 'whole', toFetch: 0, unpacked: 0 } as const;
  const before = done[file.becomes];
  if (before && (await areWhole(dir, before.files))) return whole;
  const listed = await listFiles(dir, file, signal);
  if (!before && listed && (await areWhole(dir, listed))) return whole;

  const size = file.size ?? 0;
  const growth = file.name.endsWith('.zip') ? USUAL_GROWTH : 1;
  const unpacked = listed ? sum(listed.map(([, bytes]) => bytes)) : size * growth;
  if (!file.remote) return { ...file, state: 'to unpack', toFetch: 0, unpacked };
  const target = join(dir, WORK_FOLDER, file.name);
  if (existsSync(target)) return { ...file, state: 'to unpack', toFetch: 0, unpacked };
  const there = await stat(`${target}.part`).then(
    ({ size: bytes }) => bytes,
    () => 0,
  );
  const toFetch = Math.max(0, size - there);
  return { ...file, state: there > 0 ? 'to go on' : 'to fetch', toFetch, unpacked };
}

/** The files that this one becomes, where they can be known before it is fetched. */
async function listFiles(dir: string, file: LocatedFile, signal: AbortSignal): Promise<Unpacked | undefined> {
  if (!file.name.endsWith('.zip')) return file.size === null ? undefined : [[file.becomes, file.size]];
  const entries = await listZip(dir, file, signal);
  return entries && chooseEntries(file.name, entries, file.becomes).map(({ path, entry }) => [path, entry.size]);
}

async function listZip(dir: string, file: LocatedFile, signal: AbortSignal): Promise<ZipEntry[] | undefined> {
  if (file.path !== null) {
    const { zip, entries } = await openZip(file.path);
    zip.close();
    return entries;
  }
  // Only where there is something that may be whole: a list of 900 files on a far server takes a second or two.
  const mayBeThere = existsSync(join(dir, file.becomes));
  const worthIt = mayBeThere || (file.size ?? 0) > 2 ** 30;
  return worthIt && file.remote && file.size !== null ? listRemoteZip(file.remote.url, file.size, signal) : undefined;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
