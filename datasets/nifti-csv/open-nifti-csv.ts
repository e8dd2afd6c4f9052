import { join } from 'node:path';
import { readVolume } from '../formats';
import { type Candidate, type Dataset, buildManifest, readSeriesAttributes } from '../manifest';
import type { DescribedScan } from '../scan-files';
import { type Xyz, ircToXyz, xyzToIrc } from '../volume';
import { type Description, readDescription } from './description';
import { niftiCsvError } from './errors';
import { LABELS_FILE, type LabelRow, readLabelRows } from './label-rows';
import { describeNamedScans } from './scans';

/**
 * Opens a folder of scans in any format that `readVolume` knows, with two tables of one's own:
 *
 * - `dataset.yaml`: `name`, `labels: [negative, positive]`, and `coordinates: lps | ras | voxel` (lps when left out);
 * - `labels.csv`: `file`, `x, y, z` (mm) or `i, j, k` (voxels: column, row, slice), `label` and, where known,
 *   `patient_id` and `diameter_mm`. Without patients each scan is its own;
 * - `series.csv`, optional: `seriesuid` (the scan as `labels.csv` names it) and how it was made: `site`, `manufacturer` …
 *
 * The first opening reads every scan once to digest it; later ones only what changed since.
 *
 * @throws CodedError of the NIFTI_CSV_… and CSV_… families (which file, line and column), and those of reading a scan.
 */
export async function openNiftiCsv(
  dir: string,
  { onProgress }: { onProgress?: (done: number, total: number) => void } = {},
): Promise<Dataset> {
  const description = await readDescription(dir);
  const rows = await readLabelRows(dir, description);
  const scans = await describeNamedScans(dir, rows, onProgress);
  const patients = patientsOf(dir, rows);
  const attributes = await readSeriesAttributes(dir);
  const candidates = placeCandidates(dir, rows, scans, description);
  const manifest = buildManifest({
    name: description.name,
    labels: description.labels,
    synthetic: description.synthetic,
    series: scans.map(({ file, digest, fingerprint, geometry: { size, spacingXyz } }) => {
      const told = attributes.get(file);
      const patientId = patients.get(file)!;
      return {
        seriesUid: file,
        patientId,
        digest,
        ...(fingerprint !== null && { fingerprint }),
        file,
        size,
        spacingXyz,
        ...(told && { attributes: told }),
      };
    }),
    candidates,
    annotations: candidates.flatMap(({ seriesUid, xyz, label, diameterMm }) =>
      label === 1 && diameterMm !== null ? [{ seriesUid, xyz, diameterMm, malignancy: null }] : [],
    ),
  });
  return {
    dir,
    manifest,
    absent: { series: 0, candidates: 0 },
    volume: async (seriesUid) => {
      if (!patients.has(seriesUid)) throw niftiCsvError('NIFTI_CSV_UNKNOWN_SERIES', { seriesUid });
      return readVolume(join(dir, seriesUid));
    },
  };
}

function patientsOf(dir: string, rows: readonly LabelRow[]): Map<string, string> {
  const patients = new Map<string, string>();
  for (const { scan, patientId, line } of rows) {
    if ((patients.get(scan) ?? patientId) !== patientId) {
      throw niftiCsvError('NIFTI_CSV_TWO_PATIENTS', { file: join(dir, LABELS_FILE), line, scan });
    }
    patients.set(scan, patientId);
  }
  return patients;
}

function placeCandidates(
  dir: string,
  rows: readonly LabelRow[],
  scans: readonly DescribedScan[],
  { coordinates }: Description,
): Candidate[] {
  const ofFile = new Map(scans.map((scan) => [scan.file, scan]));
  const counts = new Map<string, number>();
  return rows.map(({ scan, place: [a, b, c], label, diameterMm, line }) => {
    const { digest, geometry } = ofFile.get(scan)!;
    const count = (counts.get(scan) ?? 0) + 1;
    counts.set(scan, count);
    // RAS is LPS with x and y the other way.
    const toXyz = {
      lps: (): Xyz => [a, b, c],
      ras: (): Xyz => [-a, -b, c],
      voxel: () => ircToXyz([c, b, a], geometry),
    };
    const xyz = toXyz[coordinates]();
    const irc = xyzToIrc(xyz, geometry).map((index) => Math.floor(index + 0.5));
    if (irc.some((index, axis) => index < 0 || index >= geometry.size[axis]!)) {
      const details = { file: join(dir, LABELS_FILE), line, scan, irc: `(${irc.join(', ')})` };
      throw niftiCsvError('NIFTI_CSV_PLACE_OUTSIDE', { ...details, size: geometry.size.join(' × ') });
    }
    return { id: `${digest.replace('sha256:', '').slice(0, 12)}-${count}`, seriesUid: scan, xyz, label, diameterMm };
  });
}
