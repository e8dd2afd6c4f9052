import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, writeJsonDurably } from 'durable-files';
import { z } from 'zod';
import type { Geometry } from '../volume';

/** Kept beside the scans. */
const CACHE_FILE = 'lungate-manifest.json';

/** What a manifest tells of a scan, and only its voxels know. */
export interface ScanFacts {
  /** Over voxels and geometry, whatever the file is called. */
  digest: string;
  geometry: Geometry;
  /** Of the values alone, whatever was done to file and place; null for a scan too plain to have one. */
  fingerprint: string | null;
}

/** A scan that may not have been read yet. */
export interface ScanFile {
  /** Relative to the dataset's folder. */
  file: string;
  /** Every file that holds part of it. */
  paths: readonly string[];
  read: () => Promise<ScanFacts>;
}

export interface DescribedScan extends ScanFacts {
  file: string;
}

const three = z.tuple([z.number(), z.number(), z.number()]);
const geometrySchema = z.object({
  size: three,
  spacingXyz: three,
  originXyz: three,
  direction: z.array(z.number()).length(9),
});
const cacheSchema = z.object({
  version: z.literal(3),
  series: z.record(
    z.string(),
    z.object({
      stamp: z.string(),
      digest: z.string(),
      geometry: geometrySchema,
      fingerprint: z.string().nullable(),
    }),
  ),
});
type Cache = z.infer<typeof cacheSchema>;

/**
 * Describes scans, in their order. What was read is kept in `lungate-manifest.json` beside the data and is taken from
 * there while the length and time of change of a scan's files stay the same.
 */
export async function describeScans(
  dir: string,
  files: AsyncIterable<ScanFile> | Iterable<ScanFile>,
  onDescribed?: (done: number) => void,
): Promise<DescribedScan[]> {
  const known = await readCache(dir);
  const fresh: Cache = { version: 3, series: {} };
  const described: DescribedScan[] = [];
  for await (const { file, paths, read } of files) {
    const stamp = await stampOf(paths);
    const entry = known.series[file];
    const { digest, geometry, fingerprint } = entry?.stamp === stamp ? entry : await read();
    fresh.series[file] = { stamp, digest, geometry: geometrySchema.parse(geometry), fingerprint };
    described.push({ file, digest, geometry, fingerprint });
    onDescribed?.(described.length);
  }
  if (JSON.stringify(fresh) !== JSON.stringify(known)) await keepCache(dir, fresh);
  return described;
}

async function stampOf(paths: readonly string[]): Promise<string> {
  const stats = await Promise.all(paths.map((path) => stat(path)));
  return stats.map(({ size, mtimeMs }) => `${size}@${mtimeMs}`).join(' ');
}

async function readCache(dir: string): Promise<Cache> {
  const empty: Cache = { version: 3, series: {} };
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
