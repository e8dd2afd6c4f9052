import { join } from 'node:path';
import { readJson } from 'durable-files';
import { type SplitProblem, type SplitRow, readSplitTable } from './split-table';

/** What a split is held against: which patient each scan of the dataset is of, and the dataset's digest. */
export interface SplitSubjects {
  patientOf: ReadonlyMap<string, string>;
  /** Undefined where it is not known. */
  digest?: string;
}

export interface ExaminedSplit {
  rows: SplitRow[];
  /** What makes the split wrong: patients on two sides, unknown scans, files that do not agree. */
  errors: SplitProblem[];
  /** What one should know: scans that it leaves out, a dataset that has changed. */
  warnings: SplitProblem[];
}

/** Beside the CSV files: how the split was made, and of which dataset. */
export const ORIGIN = 'split-origin.json';

/**
 * Reads the CSV files of a split and tells everything that is wrong with them, by file, line and column.
 *
 * @throws CodedError SPLIT_FILE_UNREADABLE where there is nothing to read.
 */
export async function examineSplit(path: string, subjects?: SplitSubjects): Promise<ExaminedSplit> {
  const { rows, problems } = await readSplitTable(path);
  const errors = [...problems, ...findContradictions(rows)];
  const warnings: SplitProblem[] = [];
  if (subjects) {
    errors.push(...findStrangers(rows, subjects));
    warnings.push(...findLeftOut(path, rows, subjects));
    const origin = (await readJson(join(path, ORIGIN)).catch(() => undefined)) as { dataset?: unknown } | undefined;
    if (subjects.digest !== undefined && typeof origin?.dataset === 'string' && origin.dataset !== subjects.digest) {
      const what = 'the dataset has changed since the split was made';
      warnings.push({ code: 'SPLIT_OTHER_DATASET', file: join(path, ORIGIN), line: 1, column: 'dataset', what });
    }
  }
  return { rows, errors, warnings };
}

function findContradictions(rows: readonly SplitRow[]): SplitProblem[] {
  const problems: SplitProblem[] = [];
  const bySeries = new Map<string, SplitRow>();
  const byPatient = new Map<string, SplitRow>();
  for (const row of rows) {
    const { file, line } = row;
    const same = bySeries.get(row.seriesUid);
    bySeries.set(row.seriesUid, same ?? row);
    if (same) {
      const what = `the scan is also on ${placeOf(same, row)}`;
      problems.push({ code: 'SPLIT_REPEATED_SERIES', file, line, column: 'seriesuid', what });
    }
    const first = byPatient.get(row.patientId);
    byPatient.set(row.patientId, first ?? row);
    if (first && first.part !== row.part) {
      const what = `the patient is in ${row.part} here and in ${first.part} on ${placeOf(first, row)}`;
      problems.push({ code: 'SPLIT_PATIENT_ON_TWO_SIDES', file, line, column: 'patient_id', what });
    } else if (first && first.fold !== row.fold) {
      const what = `the patient is in another fold on ${placeOf(first, row)}`;
      problems.push({ code: 'SPLIT_PATIENT_IN_TWO_FOLDS', file, line, column: 'fold', what });
    }
  }
  return problems;
}

function placeOf(other: SplitRow, row: SplitRow): string {
  return other.file === row.file ? `line ${other.line}` : `line ${other.line} of ${other.file}`;
}

function findStrangers(rows: readonly SplitRow[], { patientOf }: SplitSubjects): SplitProblem[] {
  const problems: SplitProblem[] = [];
  for (const { file, line, seriesUid, patientId } of rows) {
    const patient = patientOf.get(seriesUid);
    if (patient === undefined) {
      const what = 'the dataset has no such scan';
      problems.push({ code: 'SPLIT_UNKNOWN_SERIES', file, line, column: 'seriesuid', what });
    } else if (patient !== patientId) {
      const what = 'in the dataset the scan is of another patient';
      problems.push({ code: 'SPLIT_OTHER_PATIENT', file, line, column: 'patient_id', what });
    }
  }
  return problems;
}

/** A scan that is not listed goes with its patient; a patient who is not listed takes no part. */
function findLeftOut(file: string, rows: readonly SplitRow[], { patientOf }: SplitSubjects): SplitProblem[] {
  const listed = new Set(rows.map(({ patientId }) => patientId));
  const all = new Set(patientOf.values());
  const left = [...all].filter((patient) => !listed.has(patient)).length;
  if (left === 0) return [];
  const what = `${left} of ${all.size} patients of the dataset are not in the split and take no part`;
  return [{ code: 'SPLIT_NOT_IN_SPLIT', file, line: 1, column: 'patient_id', what }];
}
