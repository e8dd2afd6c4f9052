import { readFile } from 'node:fs/promises';
import type { CellType } from './cell-types';
import { csvError } from './errors';
import { parseCells } from './parse-cells';

type Columns<Row> = { [Column in keyof Row]: CellType<Row[Column]> };
/** The cells of a row, and the line that it stands on. */
type NumberedRow<Row, Optional> = Row & { [Column in keyof Optional]: Optional[Column] | null } & { line: number };

/**
 * Reads the named columns of a CSV file with a header line; other columns are passed over. The order of lines is kept.
 * Of `optionalColumns` those that the file lacks are null in every row.
 *
 * @throws CodedError CSV_FILE_MISSING, CSV_MISSING_COLUMN, CSV_BAD_ROW (file, line, column), CSV_UNREADABLE: the first
 * thing that is wrong. `readTable` gathers all of them.
 */
export async function readRows<Row extends object, Optional extends object = object>(
  file: string,
  columns: Columns<Row>,
  optionalColumns?: Columns<Optional>,
): Promise<NumberedRow<Row, Optional>[]> {
  return [...(await streamRows(file, columns, optionalColumns))];
}

/** The same, one row after the other, for tables that would fill the memory as rows. */
export async function streamRows<Row extends object, Optional extends object = object>(
  file: string,
  columns: Columns<Row>,
  optionalColumns?: Columns<Optional>,
): Promise<Iterable<NumberedRow<Row, Optional>>> {
  const lines = cellsOf(await readBytes(file), file);
  const header = lines.next().value ?? [];
  const required = Object.entries<CellType<unknown>>(columns);
  const readers = [...required, ...Object.entries<CellType<unknown>>(optionalColumns ?? {})].map(
    ([column, type], i) => {
      const index = header.indexOf(column);
      if (index === -1 && i < required.length) {
        throw csvError('CSV_MISSING_COLUMN', { file, column, columns: Object.keys(columns).join(', ') });
      }
      return { column, index, type };
    },
  );

  return parseRows(file, lines, readers);
}

/**
 * Reads a CSV file whose columns are not known beforehand, but for `key`, which every row has; cells of rows that are too
 * short are empty.
 *
 * @throws CodedError CSV_FILE_MISSING, CSV_MISSING_COLUMN, CSV_BAD_ROW (file, line, column), CSV_UNREADABLE
 */
export async function readRecords(
  file: string,
  key: string,
): Promise<{ line: number; cells: Record<string, string> }[]> {
  const [header = [], ...lines] = cellsOf(await readBytes(file), file);
  if (!header.includes(key)) throw csvError('CSV_MISSING_COLUMN', { file, column: key, columns: key });
  return lines.flatMap((line, i) => {
    if (line.length === 1 && line[0] === '') return [];
    const cells = Object.fromEntries(header.map((column, k) => [column, line[k] ?? '']));
    if (cells[key] === '')
      throw csvError('CSV_BAD_ROW', { file, line: i + 2, column: key, expected: 'text', value: '' });
    return [{ line: i + 2, cells }];
  });
}

function* parseRows<Row>(
  file: string,
  lines: Generator<string[], undefined>,
  readers: readonly { column: string; index: number; type: CellType<unknown> }[],
): Generator<Row, undefined> {
  let line = 1;
  for (let next = lines.next(); next.done !== true; next = lines.next()) {
    line++;
    const cells = next.value;
    if (cells.length === 1 && cells[0] === '') continue;
    const row: Record<string, unknown> = { line };
    for (const { column, index, type } of readers) {
      if (index === -1) {
        row[column] = null;
        continue;
      }
      const cell = cells[index] ?? '';
      const value = type.parse(cell);
      if (value === undefined) {
        throw csvError('CSV_BAD_ROW', { file, line, column, expected: type.expected, value: cell.slice(0, 40) });
      }
      row[column] = value;
    }
    yield row as Row;
  }
}

function cellsOf(bytes: Buffer, file: string): Generator<string[], undefined> {
  try {
    return parseCells(bytes);
  } catch (error) {
    throw csvError('CSV_UNREADABLE', { file, why: (error as Error).message }, error);
  }
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw missing ? csvError('CSV_FILE_MISSING', { file }, error) : error;
  }
}
