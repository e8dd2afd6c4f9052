import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { checkError } from './errors';

/** What lies in a folder of LUNA16's layout. All names are relative to it. */
export interface FoundFiles {
  /** `subsetN/<seriesuid>.mhd` or `.mha`, also without a subset; in the order of their names. */
  scans: ScanFile[];
  /** Data files for which no header has the same name. */
  strayData: string[];
  /** Temporary files and parts of downloads. */
  leftOver: string[];
}

export interface ScanFile {
  file: string;
  seriesUid: string;
  /** `subset0`, or nothing where the scan lies in the folder itself. */
  subset: string;
}

const DATA = /\.z?raw$/;
const LEFT_OVER = /\.(tmp|part)$/;

/** @throws CodedError CHECK_NO_FOLDER. */
export async function findFiles(dir: string): Promise<FoundFiles> {
  const top = await readdir(dir, { withFileTypes: true }).catch((error: unknown) => {
    throw checkError('CHECK_NO_FOLDER', { dir }, error);
  });
  const subsets = top.filter((entry) => /^subset\d+$/.test(entry.name)).map(({ name }) => name);
  const files = top.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  for (const subset of subsets) {
    files.push(...(await readdir(join(dir, subset))).map((name) => join(subset, name)));
  }
  files.sort();
  const scans = files.filter((file) => /\.mh[ad]$/.test(file)).map(toScan);
  const headers = new Set(scans.map(({ file }) => withoutExtension(file)));
  return {
    scans,
    strayData: files.filter((file) => DATA.test(file) && !headers.has(withoutExtension(file))),
    leftOver: files.filter((file) => LEFT_OVER.test(file)),
  };
}

function toScan(file: string): ScanFile {
  const subset = dirname(file) === '.' ? '' : dirname(file);
  return { file, seriesUid: basename(file, extname(file)), subset };
}

function withoutExtension(file: string): string {
  return file.slice(0, -extname(file).length);
}
