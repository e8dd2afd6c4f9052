import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileDurably, writeJsonDurably } from 'durable-files';
import { toCsv } from '../csv';
import { type DatasetManifest, compareText } from '../manifest';
import { ORIGIN } from './examine-split';
import { PARTS, type Part, type Split } from './split-by-patient';
import { MASTER } from './split-table';

export interface WriteSplitFolderOptions {
  /** Fold of each patient; who is in none stays in their part whichever fold is chosen. */
  foldOf?: ReadonlyMap<string, number>;
  /** How it was made, for those who find the files later. */
  how: Record<string, string | number | boolean | null>;
}

/**
 * Writes `master.csv` (every scan: seriesuid, patient_id, part, fold), a list for each part, and `split-origin.json`.
 * The master is written last: a folder without it is read by its lists.
 */
export async function writeSplitFolder(
  dir: string,
  manifest: Pick<DatasetManifest, 'series' | 'digest'>,
  split: Split,
  { foldOf, how }: WriteSplitFolderOptions,
): Promise<void> {
  const partOf = new Map<string, Part>(PARTS.flatMap((part) => split[part].map((patient) => [patient, part] as const)));
  const series = manifest.series
    .filter(({ patientId }) => partOf.has(patientId))
    .sort((a, b) => compareText(a.patientId, b.patientId) || compareText(a.seriesUid, b.seriesUid));
  await mkdir(dir, { recursive: true });
  await writeJsonDurably(join(dir, ORIGIN), { dataset: manifest.digest, split: split.digest, ...how });
  for (const part of PARTS) {
    const rows = series
      .filter(({ patientId }) => partOf.get(patientId) === part)
      .map(({ seriesUid, patientId }) => [seriesUid, patientId]);
    await writeFileDurably(join(dir, `${part}.csv`), toCsv(['seriesuid', 'patient_id'], rows));
  }
  const rows = series.map(({ seriesUid, patientId }) => [
    seriesUid,
    patientId,
    partOf.get(patientId)!,
    foldOf?.get(patientId) ?? null,
  ]);
  await writeFileDurably(join(dir, MASTER), toCsv(['seriesuid', 'patient_id', 'part', 'fold'], rows));
}
