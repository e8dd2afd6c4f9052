import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type Candidate, type Volume, type Xyz, openLuna16, readMetaImage } from '../../datasets';
import { viewError } from './errors';

/** A nodule that readers marked. */
interface Annotation {
  xyz: Xyz;
  diameterMm: number;
}

/** What the viewer shows of one scan besides its voxels. */
export interface ViewedScan {
  /** The series UID, or the name of the file. */
  name: string;
  candidates: readonly Candidate[];
  annotations: readonly Annotation[];
}

/** Something to look at: a dataset, or one scan alone. */
export interface ViewedSource {
  title: string;
  synthetic: boolean;
  /** Names of the classes 0 and 1; null where there are no candidates. */
  labels: readonly [string, string] | null;
  /** Beginning of every path that an error may name; the page is shown what follows it. */
  dir: string;
  scans: readonly ViewedScan[];
  volume: (scan: number) => Promise<Volume>;
}

/**
 * Opens a dataset folder, or anything else that holds exactly one scan: a file of any format, a DICOM folder or zip.
 *
 * @throws CodedError VIEW_NOTHING_THERE, and what opening the dataset throws. A single scan is read when it is shown.
 */
export async function openSource(
  path: string,
  onProgress?: (done: number, total: number) => void,
): Promise<ViewedSource> {
  if (!existsSync(path)) throw viewError('VIEW_NOTHING_THERE', { path });
  return existsSync(join(path, 'candidates_V2.csv')) ? openDatasetFolder(path, onProgress) : openScan(path);
}

async function openDatasetFolder(dir: string, onProgress?: (done: number, total: number) => void) {
  const { manifest, volume } = await openLuna16(dir, { ...(onProgress && { onProgress }) });
  const scans = manifest.series.map(
    ({ seriesUid }): ViewedScan & { candidates: Candidate[]; annotations: Annotation[] } => ({
      name: seriesUid,
      candidates: [],
      annotations: [],
    }),
  );
  const byUid = new Map(scans.map((scan) => [scan.name, scan]));
  for (const candidate of manifest.candidates) byUid.get(candidate.seriesUid)?.candidates.push(candidate);
  return {
    title: basename(resolve(dir)),
    synthetic: manifest.synthetic,
    labels: manifest.labels,
    dir,
    scans,
    volume: (scan: number) => volume(scans[scan]!.name),
  };
}

function openScan(path: string): ViewedSource {
  const title = basename(resolve(path));
  return {
    title,
    synthetic: false,
    labels: null,
    dir: resolve(path, '..'),
    scans: [{ name: title, candidates: [], annotations: [] }],
    volume: () => readMetaImage(path),
  };
}
