import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type CellType, oneOf, optional, readTable, text } from '../csv';
import { splitError } from './errors';
import { PARTS, type Part } from './split-by-patient';

/** One scan's row in a CSV file of a split. */
export interface SplitRow {
  file: string;
  line: number;
  seriesUid: string;
  patientId: string;
  part: Part;
  /** Null: not in a fold, so that it stays in its part whichever fold is chosen. */
  fold: number | null;
}

export interface SplitProblem {
  code: SplitProblemCode;
  file: string;
  line: number;
  column: string;
  what: string;
}

export type SplitProblemCode =
  | 'SPLIT_BAD_ROW'
  | 'SPLIT_REPEATED_SERIES'
  | 'SPLIT_PATIENT_ON_TWO_SIDES'
  | 'SPLIT_PATIENT_IN_TWO_FOLDS'
  | 'SPLIT_FILES_DISAGREE'
  | 'SPLIT_UNKNOWN_SERIES'
  | 'SPLIT_OTHER_PATIENT'
  | 'SPLIT_NOT_IN_SPLIT'
  | 'SPLIT_OTHER_DATASET';

export const MASTER = 'master.csv';

const part = oneOf(...PARTS);
const fold: CellType<number> = {
  expected: 'the number of a fold, from 0',
  parse: (cell) => (/^\d{1,3}$/.test(cell) ? Number(cell) : undefined),
};

/**
 * Reads a folder's `master.csv` or, where it has none, its `train.csv`, `validation.csv` and `test.csv`; or one file
 * with the columns of `master.csv`. With both, the lists must say what the master says.
 *
 * @throws CodedError SPLIT_FILE_UNREADABLE where there is no such file.
 */
export async function readSplitTable(path: string): Promise<{ rows: SplitRow[]; problems: SplitProblem[] }> {
  const isFolder = await stat(path).then(
    (entry) => entry.isDirectory(),
    (error: unknown) => {
      throw splitError('SPLIT_FILE_UNREADABLE', { file: path, problem: 'there is no such file or folder' }, error);
    },
  );
  if (!isFolder) return readMaster(path);
  const names = await readdir(path);
  const lists = PARTS.filter((name) => names.includes(`${name}.csv`));
  if (names.includes(MASTER)) {
    const master = await readMaster(join(path, MASTER));
    const disagreements = await Promise.all(
      lists.map((name) => compareList(join(path, `${name}.csv`), name, master.rows)),
    );
    return { rows: master.rows, problems: [...master.problems, ...disagreements.flat()] };
  }
  if (!lists.includes('train') || !lists.includes('validation')) {
    const problem = `neither ${MASTER} nor train.csv and validation.csv are in it`;
    throw splitError('SPLIT_FILE_UNREADABLE', { file: path, problem });
  }
  const tables = await Promise.all(lists.map((name) => readList(join(path, `${name}.csv`), name)));
  return { rows: tables.flatMap(({ rows }) => rows), problems: tables.flatMap(({ problems }) => problems) };
}

async function readMaster(file: string): Promise<{ rows: SplitRow[]; problems: SplitProblem[] }> {
  const { rows, problems } = await readTable<{
    seriesuid: string;
    patient_id: string;
    part: Part;
    fold: number | null;
  }>(file, { seriesuid: text, patient_id: text, part, fold: optional(fold) });
  return {
    rows: rows.map(({ line, row }) => ({
      file,
      line,
      seriesUid: row.seriesuid,
      patientId: row.patient_id,
      part: row.part,
      fold: row.fold,
    })),
    problems: problems.map((problem) => badRow(file, problem)),
  };
}

async function readList(file: string, name: Part): Promise<{ rows: SplitRow[]; problems: SplitProblem[] }> {
  const { rows, problems } = await readTable<{ seriesuid: string; patient_id: string }>(file, {
    seriesuid: text,
    patient_id: text,
  });
  return {
    rows: rows.map(({ line, row }) => ({
      file,
      line,
      seriesUid: row.seriesuid,
      patientId: row.patient_id,
      part: name,
      fold: null,
    })),
    problems: problems.map((problem) => badRow(file, problem)),
  };
}

function badRow(file: string, { line, column, what }: { line: number; column: string; what: string }): SplitProblem {
  return { code: 'SPLIT_BAD_ROW', file, line, column, what };
}

async function compareList(file: string, name: Part, master: readonly SplitRow[]): Promise<SplitProblem[]> {
  const { rows, problems } = await readList(file, name);
  const masterRows = new Map(master.map((row) => [row.seriesUid, row]));
  const disagree = ({ file, line }: SplitRow, what: string) =>
    problems.push({ code: 'SPLIT_FILES_DISAGREE', file, line, column: 'seriesuid', what });
  for (const row of rows) {
    const other = masterRows.get(row.seriesUid);
    if (!other) disagree(row, `not in ${MASTER}`);
    else if (other.part !== name) disagree(row, `on line ${other.line} of ${MASTER} it is in ${other.part}`);
  }
  const listed = new Set(rows.map(({ seriesUid }) => seriesUid));
  for (const row of master) {
    if (row.part === name && !listed.has(row.seriesUid)) disagree(row, `in ${name}, but not in ${basename(file)}`);
  }
  return problems;
}
