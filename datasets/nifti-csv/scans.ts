import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { digestJson } from 'durable-files';
import { readVolume } from '../formats';
import { type DescribedScan, type ScanFile, describeScans } from '../scan-files';
import { fingerprintOf } from '../fingerprint';
import type { Volume } from '../volume';
import { niftiCsvError } from './errors';
import { LABELS_FILE, type LabelRow } from './label-rows';

/**
 * Describes the scans that the rows name, each once, in the order of their names.
 *
 * @throws CodedError NIFTI_CSV_SCAN_MISSING, NIFTI_CSV_DUPLICATE_SCAN, and what reading a scan throws
 */
export async function describeNamedScans(
  dir: string,
  rows: readonly LabelRow[],
  onProgress?: (done: number, total: number) => void,
): Promise<DescribedScan[]> {
  const firstRows = new Map(rows.toReversed().map((row) => [row.scan, row]));
  const named = [...firstRows.values()].sort((a, b) => (a.scan < b.scan ? -1 : 1));
  const scans = await describeScans(dir, locateAll(dir, named), (done) => onProgress?.(done, named.length));
  const seen = new Map<string, string>();
  for (const { file, digest } of scans) {
    const other = seen.get(digest);
    if (other !== undefined) throw niftiCsvError('NIFTI_CSV_DUPLICATE_SCAN', { scan: file, other });
    seen.set(digest, file);
  }
  return scans;
}

async function* locateAll(dir: string, named: readonly LabelRow[]): AsyncGenerator<ScanFile> {
  for (const { scan, line } of named) {
    const path = join(dir, scan);
    const paths = await filesOf(path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw niftiCsvError('NIFTI_CSV_SCAN_MISSING', { file: join(dir, LABELS_FILE), line, scan }, error);
    });
    yield {
      file: scan,
      paths,
      read: async () => {
        const volume = await readVolume(path);
        const { size, spacingXyz, originXyz, direction } = volume;
        const fingerprint = fingerprintOf();
        fingerprint.add(volume.hu);
        return {
          digest: digestVolume(volume),
          fingerprint: fingerprint.digest(),
          geometry: { size, spacingXyz, originXyz, direction },
        };
      },
    };
  }
}

/** Every file that may hold part of a scan: of a folder all in it, of a header those beside it with its name. */
async function filesOf(path: string): Promise<string[]> {
  if ((await stat(path)).isDirectory()) {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  }
  const stem = basename(path).replace(/\..*$/, '');
  const beside = await readdir(dirname(path), { withFileTypes: true });
  return beside
    .filter((entry) => entry.isFile() && entry.name.startsWith(`${stem}.`))
    .map((entry) => join(dirname(path), entry.name))
    .sort();
}

/** Digest of what a scan is, whatever its format: voxels, their type, and their place in the world. */
function digestVolume({ hu, size, spacingXyz, originXyz, direction }: Volume): string {
  const voxels = createHash('sha256');
  const bytes = new Uint8Array(hu.buffer, hu.byteOffset, hu.byteLength);
  // One update takes at most 2 GiB.
  for (let at = 0; at < bytes.length; at += 2 ** 30) voxels.update(bytes.subarray(at, at + 2 ** 30));
  return digestJson({
    geometry: { size, spacingXyz, originXyz, direction },
    type: hu.constructor.name,
    voxels: voxels.digest('hex'),
  });
}
