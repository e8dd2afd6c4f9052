import { join } from 'node:path';
import { type CellType, readTable } from '../csv';
import { splitError } from './errors';
import type { Strata } from './split-by-patient';

/** An empty cell is a stratum too: those of whom it is not known. */
const anyText: CellType<string> = { expected: 'text', parse: (cell) => cell };

/**
 * The stratum of each patient from columns of `patients.csv`, such as `site` or `scanner`. A patient with scans in
 * several takes all of them together.
 *
 * @throws CodedError SPLIT_NO_COLUMN.
 */
export async function readStrata(dir: string, columns: readonly string[]): Promise<Strata> {
  const file = join(dir, 'patients.csv');
  const types = Object.fromEntries(['patient_id', ...columns].map((column) => [column, anyText]));
  const { rows, problems } = await readTable<Record<string, string>>(file, types);
  const [problem] = problems;
  if (problem)
    throw splitError('SPLIT_NO_COLUMN', { file, column: problem.column || columns.join(', '), what: problem.what });
  const words = new Map<string, Set<string>>();
  for (const { row } of rows) {
    const patient = row['patient_id']!;
    words.set(patient, (words.get(patient) ?? new Set()).add(columns.map((column) => row[column]).join('|')));
  }
  return new Map([...words].map(([patient, ofPatient]) => [patient, [...ofPatient].sort().join(' ')]));
}
