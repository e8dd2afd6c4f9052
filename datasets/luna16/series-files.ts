import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { readJson, writeJsonDurably } from 'durable-files';
import { z } from 'zod';
import { compareText } from '../manifest';
import { digestMetaImage, locateMetaImage } from '../formats/metaimage';
import type { Irc, Xyz } from '../volume';
import { luna16Error } from './errors';

export const CACHE_FILE = 'lungate-manifest.json';

/** A scan on disk, and what its header and digest tell. */
export interface ScannedSeries {
  seriesUid: string;
  /** Relative to the dataset's folder. */
  file: string;
  digest: string;
  size: Irc;
  spacingXyz: Xyz;
}

const cacheSchema = z.object({
  version: z.literal(1),
  series: z.record(z.string(), z.object({ stamp: z.string(), digest: z.string() })),
});
type Cache = z.infer<typeof cacheSchema>;

/**
 * Finds every scan in LUNA16's folders and digests it. Digests are kept in `lungate-manifest.json` beside the data and
 * are taken from there while a file's length and time of change are the same.
 */
export async function scanSeries(
  dir: string,
  onProgress?: (done: number, total: number) => void,
): Promise<ScannedSeries[]> {
  const files = await findImages(dir);
  const known = await readCache(dir);
  const fresh: Cache = { version: 1, series: {} };
  const scanned: ScannedSeries[] = [];
  for (const file of files) {
    const located = await locateMetaImage(join(dir, file));
    const stamp = await stampOf(join(dir, file), located.dataPath);
    const entry = known.series[file];
    const digest = entry?.stamp === stamp ? entry.digest : await digestMetaImage(located);
    fresh.series[file] = { stamp, digest };
    const { size, spacingXyz } = located.header.geometry;
    scanned.push({ seriesUid: uidOf(file), file, digest, size, spacingXyz });
    onProgress?.(scanned.length, files.length);
  }
  if (JSON.stringify(fresh) !== JSON.stringify(known)) await keepCache(dir, fresh);
  refuseDuplicates(scanned);
  return scanned;
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

async function stampOf(...files: string[]): Promise<string> {
  const stats = await Promise.all(files.map((file) => stat(file)));
  return stats.map(({ size, mtimeMs }) => `${size}@${mtimeMs}`).join(' ');
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

async function readCache(dir: string): Promise<Cache> {
  const empty: Cache = { version: 1, series: {} };
  try {
    return cacheSchema.safeParse(await readJson(join(dir, CACHE_FILE))).data ?? empty;
  } catch (error) {
    if (error instanceof SyntaxError) return empty;
    throw error;
  }
}

/** A shared dataset may be read-only: then every opening digests anew. */
async function keepCache(dir: string, cache: Cache): Promise<void> {
  try {
    await writeJsonDurably(join(dir, CACHE_FILE), cache);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
