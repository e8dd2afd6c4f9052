import { readFile } from 'node:fs/promises';
import type { CellType } from './cell-types';
import { parseCells } from './parse-cells';

/** A row, and the line that it stands on. */
export interface TableRow<Row> {
  line: number;
  row: Row;
}

/** What is wrong in a table, and where. */
export interface TableProblem {
  kind: 'missing-file' | 'unreadable' | 'missing-column' | 'bad-row';
  line: number;
  column: string;
  /** A phrase, such as `0 or 1 expected, found "2"`. */
  what: string;
}

export interface Table<Row> {
  rows: TableRow<Row>[];
  problems: TableProblem[];
}

/**
 * Reads the named columns of a CSV file with a header line, and tells everything that is wrong in it instead of the
 * first thing only. Rows with a wrong cell are left out of `rows`. Other columns are passed over.
 */
export async function readTable<Row extends object>(
  file: string,
  columns: { [Column in keyof Row]: CellType<Row[Column]> },
): Promise<Table<Row>> {
  let lines: Generator<string[], undefined>;
  try {
    lines = parseCells(await readFile(file));
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const what = missing ? 'the file is missing' : (error as Error).message;
    return { rows: [], problems: [{ kind: missing ? 'missing-file' : 'unreadable', line: 1, column: '', what }] };
  }
  return readLines(lines, columns);
}

function readLines<Row extends object>(
  lines: Generator<string[], undefined>,
  columns: { [Column in keyof Row]: CellType<Row[Column]> },
): Table<Row> {
  const header = lines.next().value ?? [];
  const problems: TableProblem[] = [];
  const readers = Object.entries<CellType<unknown>>(columns).map(([column, type]) => {
    const index = header.indexOf(column);
    if (index === -1) problems.push({ kind: 'missing-column', line: 1, column, what: 'this column is missing' });
    return { column, index, type };
  });
  if (problems.length > 0) return { rows: [], problems };

  const rows: TableRow<Row>[] = [];
  let line = 1;
  for (let next = lines.next(); next.done !== true; next = lines.next()) {
    line++;
    const cells = next.value;
    if (cells.length === 1 && cells[0] === '') continue;
    const row: Record<string, unknown> = {};
    let good = true;
    for (const { column, index, type } of readers) {
      const cell = cells[index] ?? '';
      const value = type.parse(cell);
      if (value === undefined) {
        good = false;
        problems.push({
          kind: 'bad-row',
          line,
          column,
          what: `${type.expected} expected, found \`${cell.slice(0, 40)}\``,
        });
      }
      row[column] = value;
    }
    if (good) rows.push({ line, row: row as Row });
  }
  return { rows, problems };
}
