import { readFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { writeFileDurably } from 'durable-files';
import type { InspectAnswer } from './inspect-answer';

/** Beside the data, so that a second check reads only what changed. Raise the version with what an inspection tells. */
const CACHE_FILE = 'lungate-check.json.gz';
const VERSION = 3;

/** Length and time of change of a scan's files, and what reading them told. */
export interface KnownScan {
  stamp: string;
  answer: InspectAnswer;
}

/** What earlier checks told, by file; nothing where there was none, or where its file is damaged or of another version. */
export async function readInspections(dir: string): Promise<Map<string, KnownScan>> {
  try {
    const text = gunzipSync(await readFile(join(dir, CACHE_FILE))).toString();
    const { version, scans } = JSON.parse(text) as { version: unknown; scans: [string, KnownScan][] };
    return new Map(version === VERSION ? scans : []);
  } catch {
    return new Map();
  }
}

/** A shared dataset may be read-only: then every check reads anew. */
export async function keepInspections(dir: string, scans: ReadonlyMap<string, KnownScan>): Promise<void> {
  try {
    const text = JSON.stringify({ version: VERSION, scans: [...scans] });
    await writeFileDurably(join(dir, CACHE_FILE), gzipSync(text, { level: 1 }));
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
