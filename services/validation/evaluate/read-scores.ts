import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parse } from 'csv-parse/sync';
import { validationError } from '../errors';

/** Names of columns; where one is left out, the usual names are looked for. */
export interface ScoreColumns {
  id?: string;
  label?: string;
  score?: string;
  patient?: string;
}

/** The usual names, in the order in which they are looked for. */
const USUAL = {
  id: ['id', 'case', 'candidate'],
  label: ['label', 'class', 'y_true'],
  score: ['score', 'probability', 'y_score'],
  patient: ['patient', 'patient_id'],
} as const;

/** Columns of the probabilities of more than two classes: `probability_benign`, `probability_malignant`, … */
const CLASS_COLUMN = /^probability_(.+)$/;

/** Checked labels and scores of a file. Ids and patients are counted, not kept. */
export interface ScoreTable {
  /** `[n]`, 0 or 1; of several classes, the class from 0. */
  labels: number[];
  /** `[n]`, in [0, 1]; `[n][k]` of several classes. */
  scores: number[] | null;
  probabilities: number[][] | null;
  /** Names of the classes, where there are several. */
  classes: string[] | null;
  /** `[n]`, the patient of each case from 0, or null where the file has no such column. */
  patientOf: number[] | null;
  /** Whether the file has ids, so that no case can stand in it twice. */
  hasIds: boolean;
}

/**
 * Reads a CSV file of labels and scores: a header line, then a line a case. Other columns are passed over.
 * With three or more columns `probability_<class>` the labels are the names of those classes.
 *
 * @throws VALIDATION_SCORES_FILE_MISSING, VALIDATION_SCORES_UNREADABLE, VALIDATION_SCORES_COLUMN_MISSING,
 * VALIDATION_LABEL_MISSING, VALIDATION_LABEL_UNKNOWN, VALIDATION_CLASS_UNKNOWN, VALIDATION_SCORE_MISSING,
 * VALIDATION_SCORE_NOT_FINITE, VALIDATION_SCORE_NOT_PROBABILITY, VALIDATION_CASE_TWICE, VALIDATION_PATIENT_MISSING
 */
export async function readScores(file: string, columns: ScoreColumns = {}): Promise<ScoreTable> {
  const [header, ...rows] = await readCells(file);
  const names = header?.cells ?? [];
  const find = (role: keyof typeof USUAL, required: boolean) => findColumn(names, role, columns[role], required, file);
  const classes = names.flatMap((name) => CLASS_COLUMN.exec(name)?.[1] ?? []);
  const several = classes.length >= 3 && columns.score === undefined;
  const id = find('id', false);
  const patient = find('patient', false);
  const label = find('label', true);
  if (id >= 0) assertOnce(rows, id, file);
  const table: ScoreTable = {
    labels: [],
    scores: null,
    probabilities: null,
    classes: several ? classes : null,
    patientOf: patient >= 0 ? numberPatients(rows, patient, file) : null,
    hasIds: id >= 0,
  };
  if (several) {
    const at = classes.map((name) => names.indexOf(`probability_${name}`));
    table.labels = rows.map((row) => readClass(row, label, classes, file));
    table.probabilities = rows.map((row) => at.map((column) => readScore(row, column, file)));
  } else {
    const score = find('score', true);
    table.labels = rows.map((row) => readLabel(row, label, file));
    table.scores = rows.map((row) => readScore(row, score, file));
  }
  return table;
}

interface Row {
  line: number;
  cells: string[];
}

async function readCells(file: string): Promise<Row[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw validationError('VALIDATION_SCORES_FILE_MISSING', { file }, error);
  }
  try {
    const records = parse(text, { bom: true, trim: true, skip_empty_lines: true, info: true });
    // The parser's types leave out what `info` adds.
    return (records as unknown as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => ({
      line: info.lines,
      cells: record,
    }));
  } catch (error) {
    // The parser quotes the cell, which may be the name of a patient.
    const why = (error as Error).message.split(', value is')[0]!;
    throw validationError('VALIDATION_SCORES_UNREADABLE', { file: basename(file), why });
  }
}

function findColumn(
  header: readonly string[],
  role: keyof typeof USUAL,
  asked: string | undefined,
  required: boolean,
  file: string,
): number {
  const name = asked ?? USUAL[role].find((usual) => header.includes(usual));
  const index = name === undefined ? -1 : header.indexOf(name);
  if (index >= 0 || (asked === undefined && !required)) return index;
  throw validationError('VALIDATION_SCORES_COLUMN_MISSING', {
    file: basename(file),
    column: asked ?? USUAL[role].join(' or '),
    role,
    columns: header.join(', '),
  });
}

function readLabel({ line, cells }: Row, column: number, file: string): number {
  const cell = cells[column]!;
  if (cell === '') throw validationError('VALIDATION_LABEL_MISSING', { file: basename(file), line });
  const label = Number(cell); // `1.0`, as pandas writes a column that once had gaps
  if (label === 0 || label === 1) return label;
  throw validationError('VALIDATION_LABEL_UNKNOWN', { index: `on line ${line}`, label: short(cell) });
}

function readClass({ line, cells }: Row, column: number, classes: readonly string[], file: string): number {
  const cell = cells[column]!;
  if (cell === '') throw validationError('VALIDATION_LABEL_MISSING', { file: basename(file), line });
  const label = classes.indexOf(cell);
  if (label >= 0) return label;
  throw validationError('VALIDATION_CLASS_UNKNOWN', {
    index: `on line ${line}`,
    label: short(cell),
    classes: classes.length,
  });
}

function readScore({ line, cells }: Row, column: number, file: string): number {
  const cell = cells[column]!;
  const index = `on line ${line}`;
  if (cell === '') throw validationError('VALIDATION_SCORE_MISSING', { file: basename(file), line });
  const score = Number(cell);
  if (!Number.isFinite(score)) throw validationError('VALIDATION_SCORE_NOT_FINITE', { index, score: short(cell) });
  if (score < 0 || score > 1) throw validationError('VALIDATION_SCORE_NOT_PROBABILITY', { index, score });
  return score;
}

function short(cell: string): string {
  return cell.slice(0, 20);
}

function assertOnce(rows: readonly Row[], column: number, file: string): void {
  const seen = new Map<string, number>();
  for (const { line, cells } of rows) {
    const first = seen.get(cells[column]!);
    if (first !== undefined) {
      throw validationError('VALIDATION_CASE_TWICE', { file: basename(file), first, second: line });
    }
    seen.set(cells[column]!, line);
  }
}

function numberPatients(rows: readonly Row[], column: number, file: string): number[] {
  const numbers = new Map<string, number>();
  return rows.map(({ line, cells }) => {
    const patient = cells[column]!;
    if (patient === '') throw validationError('VALIDATION_PATIENT_MISSING', { file: basename(file), line });
    const number = numbers.get(patient) ?? numbers.size;
    numbers.set(patient, number);
    return number;
  });
}
