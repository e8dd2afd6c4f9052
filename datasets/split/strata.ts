import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CellType, readTable, text } from '../csv';
import type { DatasetManifest } from '../manifest';
import { splitError } from './errors';
import type { Strata } from './split-by-patient';

/** An empty cell is a stratum too: those of whom it is not known. */
const anyText: CellType<string> = { expected: 'text', parse: (cell) => cell };

/**
 * The stratum of each patient from columns, such as `site` or `scanner`, of `series.csv` or else `patients.csv`; either
 * has a row for each `seriesuid`. A patient with scans in several strata takes all of them together.
 *
 * @throws CodedError SPLIT_NO_COLUMN.
 */
export async function readStrata(
  dir: string,
  { series }: Pick<DatasetManifest, 'series'>,
  columns: readonly string[],
): Promise<Strata> {
  const files = ['series.csv', 'patients.csv'].map((name) => join(dir, name));
  const file = files.find((each) => existsSync(each)) ?? files[1]!;
  const types = { ...Object.fromEntries(columns.map((column) => [column, anyText])), seriesuid: text };
  const { rows, problems } = await readTable<Record<string, string>>(file, types);
  const [problem] = problems;
  if (problem) {
    throw splitError('SPLIT_NO_COLUMN', { file, column: problem.column || columns.join(', '), what: problem.what });
  }
  const ofSeries = new Map(rows.map(({ row }) => [row['seriesuid'], columns.map((column) => row[column]).join('|')]));
  const words = new Map<string, Set<string>>();
  for (const { seriesUid, patientId } of series) {
    words.set(patientId, (words.get(patientId) ?? new Set()).add(ofSeries.get(seriesUid) ?? ''));
  }
  return new Map([...words].map(([patient, ofPatient]) => [patient, [...ofPatient].sort().join(' ')]));
}
