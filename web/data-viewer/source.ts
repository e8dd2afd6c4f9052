import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import {
  type Annotation,
  type Candidate,
  type Volume,
  findDicomSeries,
  openDatasetFolder,
  readVolume,
} from '../../datasets';
import { viewError } from './errors';

/** What the viewer shows of one scan besides its voxels. */
export interface ViewedScan {
  /** The series UID, or the name of the file. */
  name: string;
  candidates: readonly Candidate[];
  annotations: readonly Annotation[];
}

/** Something to look at: a dataset, or scans alone. */
export interface ViewedSource {
  title: string;
  synthetic: boolean;
  /** Names of the classes 0 and 1; null where there are no candidates. */
  labels: readonly [negative: string, positive: string] | null;
  /** Folder that errors may name; the page is shown what follows it. */
  dir: string;
  scans: readonly ViewedScan[];
  /** Reads one scan. Nothing is kept. */
  volume: (scan: number) => Promise<Volume>;
}

type OnProgress = (done: number, total: number) => void;

/** What a folder must hold to be a dataset; any other is looked through for DICOM series. */
const DATASET_MARKS = [/^candidates_V2\.csv$/, /^annotations\.csv$/, /^dataset\.yaml$/, /^subset\d$/];

/**
 * Opens a dataset folder, a DICOM folder or zip with any number of series, or a file of any format with one scan.
 *
 * @throws CodedError VIEW_NOTHING_THERE, VIEW_NO_SCAN, and what opening the dataset throws. A scan is read when it is shown.
 */
export async function openSource(path: string, onProgress?: OnProgress): Promise<ViewedSource> {
  if (!existsSync(path)) throw viewError('VIEW_NOTHING_THERE', { path });
  const isFolder = (await stat(path)).isDirectory();
  if (isFolder && (await isDataset(path))) return openDataset(path, onProgress);
  return isFolder || /\.zip$/i.test(path) ? openSeries(path, onProgress) : openFile(path);
}

async function isDataset(dir: string): Promise<boolean> {
  return (await readdir(dir)).some((name) => DATASET_MARKS.some((mark) => mark.test(name)));
}

async function openDataset(dir: string, onProgress?: OnProgress): Promise<ViewedSource> {
  const { manifest, volume } = await openDatasetFolder(dir, onProgress && { onProgress });
  const [candidates, annotations] = [bySeries(manifest.candidates), bySeries(manifest.annotations)];
  const scans = manifest.series.map(({ seriesUid }) => ({
    name: seriesUid,
    candidates: candidates.get(seriesUid) ?? [],
    annotations: annotations.get(seriesUid) ?? [],
  }));
  return {
    title: basename(resolve(dir)),
    synthetic: manifest.synthetic,
    labels: manifest.labels,
    dir,
    scans,
    volume: (scan) => volume(scans[scan]!.name),
  };
}

function bySeries<Item extends { seriesUid: string }>(items: readonly Item[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.seriesUid);
    if (group) group.push(item);
    else groups.set(item.seriesUid, [item]);
  }
  return groups;
}

async function openSeries(path: string, onProgress?: OnProgress): Promise<ViewedSource> {
  const series = await findDicomSeries(path, onProgress && { onProgress });
  if (series.length === 0) throw viewError('VIEW_NO_SCAN', { path });
  return scansAlone(
    path,
    series.map(({ seriesUid, part, volume }) => ({ name: part ? `${seriesUid}, ${part.by}` : seriesUid, volume })),
  );
}

function openFile(path: string): ViewedSource {
  return scansAlone(path, [{ name: basename(path), volume: () => readVolume(path) }]);
}

function scansAlone(path: string, scans: readonly { name: string; volume: () => Promise<Volume> }[]): ViewedSource {
  return {
    title: basename(resolve(path)),
    synthetic: false,
    labels: null,
    dir: dirname(path),
    scans: scans.map(({ name }) => ({ name, candidates: [], annotations: [] })),
    volume: (scan) => scans[scan]!.volume(),
  };
}
