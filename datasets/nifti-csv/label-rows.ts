import { join, normalize } from 'node:path';
import { type CellType, number, optional, positiveNumber, readRows, text } from '../csv';
import type { Description } from './description';
import { niftiCsvError } from './errors';

export const LABELS_FILE = 'labels.csv';

/** A candidate as `labels.csv` tells of it. */
export interface LabelRow {
  line: number;
  /** Relative to the folder of the dataset. */
  scan: string;
  patientId: string;
  /** x, y, z in millimetres, or i, j, k in voxels: as the description says. */
  place: readonly [number, number, number];
  label: 0 | 1;
  diameterMm: number | null;
}

/** @throws CodedError of the CSV_… family (file, line, column), NIFTI_CSV_NO_ROWS, NIFTI_CSV_SCAN_OUTSIDE */
export async function readLabelRows(dir: string, { labels, coordinates }: Description): Promise<LabelRow[]> {
  const path = join(dir, LABELS_FILE);
  const optionalColumns = { patient_id: text, diameter_mm: optional(positiveNumber) };
  const columns = { file: text, label: oneOfLabels(labels) };
  const rows =
    coordinates === 'voxel'
      ? (await readRows(path, { ...columns, i: number, j: number, k: number }, optionalColumns)).map(
          ({ i, j, k, ...row }) => ({ ...row, place: [i, j, k] as const }),
        )
      : (await readRows(path, { ...columns, x: number, y: number, z: number }, optionalColumns)).map(
          ({ x, y, z, ...row }) => ({ ...row, place: [x, y, z] as const }),
        );
  if (rows.length === 0) throw niftiCsvError('NIFTI_CSV_NO_ROWS', { file: path });
  return rows.map(({ file, label, patient_id, diameter_mm, place, line }) => {
    const scan = normalize(file);
    if (scan.startsWith('..') || scan.startsWith('/')) {
      throw niftiCsvError('NIFTI_CSV_SCAN_OUTSIDE', { file: path, line, scan });
    }
    return { line, scan, patientId: patient_id ?? scan, place, label, diameterMm: diameter_mm };
  });
}

/** A class by its name, or by its number. */
function oneOfLabels([negative, positive]: Description['labels']): CellType<0 | 1> {
  return {
    expected: `\`${negative}\` or \`${positive}\``,
    parse: (cell) => (cell === negative || cell === '0' ? 0 : cell === positive || cell === '1' ? 1 : undefined),
  };
}
