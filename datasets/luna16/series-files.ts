import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { compareText } from '../manifest';
import { describeMetaImage, locateMetaImage } from '../formats/metaimage';
import { type DescribedScan, type ScanFile, describeScans } from '../scan-files';
import { luna16Error } from './errors';

/** A scan on disk, and what its header and digest tell. */
export interface ScannedSeries extends DescribedScan {
  seriesUid: string;
}

/** Finds every scan in LUNA16's folders and digests those that are new or changed. */
export async function scanSeries(
  dir: string,
  onProgress?: (done: number, total: number) => void,
): Promise<ScannedSeries[]> {
  const files = await findImages(dir);
  const described = await describeScans(dir, locateAll(dir, files), (done) => onProgress?.(done, files.length));
  const scanned = described.map((scan) => ({ ...scan, seriesUid: uidOf(scan.file) }));
  refuseDuplicates(scanned);
  return scanned;
}

async function* locateAll(dir: string, files: readonly string[]): AsyncGenerator<ScanFile> {
  for (const file of files) {
    const path = join(dir, file);
    const located = await locateMetaImage(path);
    yield {
      file,
      paths: [path, ...located.dataPaths],
      read: async () => ({ ...(await describeMetaImage(located)), geometry: located.header.geometry }),
    };
  }
}

/** `subsetN/*.mhd`, or the folder itself; in the order of the UIDs. The lung masks beside them are no series. */
async function findImages(dir: string): Promise<string[]> {
  const images = async (folder: string) =>
    (await readdir(join(dir, folder))).filter((name) => /\.mh[ad]$/.test(name)).map((name) => join(folder, name));
  let entries;
  try {
    entries = await readdir(dir, { withFileTypes: true });
  } catch (error) {
    throw luna16Error('LUNA16_NO_FOLDER', { dir }, error);
  }
  const subsets = entries.filter((entry) => /^subset\d+$/.test(entry.name)).map((entry) => entry.name);
  const files = (await Promise.all(['', ...subsets].map(images))).flat();
  if (files.length === 0) throw luna16Error('LUNA16_NO_SERIES', { dir });
  return files.sort((a, b) => compareText(uidOf(a), uidOf(b)) || compareText(a, b));
}

function uidOf(file: string): string {
  return basename(file, extname(file));
}

function refuseDuplicates(scanned: readonly ScannedSeries[]): void {
  const seen = new Map<string, string>();
  for (const { seriesUid, digest, file } of scanned) {
    for (const mark of [seriesUid, digest]) {
      const other = seen.get(mark);
      if (other !== undefined) throw luna16Error('LUNA16_DUPLICATE_SERIES', { file, other });
      seen.set(mark, file);
    }
  }
}
