import { readFile } from 'node:fs/promises';
import { type CellType, parseCells } from '../csv';
import { luna16Error } from './errors';

export { number, positiveNumber, text, zeroOrOne } from '../csv';

/**
 * Reads the named columns of a CSV file with a header line; other columns are passed over. The order of lines is kept.
 *
 * @throws CodedError LUNA16_FILE_MISSING, LUNA16_CSV_MISSING_COLUMN, LUNA16_CSV_BAD_ROW (file, line, column), LUNA16_CSV_UNREADABLE.
 */
export async function readCsv<Row extends object>(
  file: string,
  columns: { [Column in keyof Row]: CellType<Row[Column]> },
): Promise<Row[]> {
  const [header = [], ...lines] = cellsOf(await readBytes(file), file);
  const readers = Object.entries<CellType<unknown>>(columns).map(([column, type]) => {
    const index = header.indexOf(column);
    if (index === -1) {
      throw luna16Error('LUNA16_CSV_MISSING_COLUMN', { file, column, columns: Object.keys(columns).join(', ') });
    }
    return { column, index, type };
  });

  const rows: Row[] = [];
  lines.forEach((cells, i) => {
    if (cells.length === 1 && cells[0] === '') return;
    const row: Record<string, unknown> = {};
    for (const { column, index, type } of readers) {
      const cell = cells[index] ?? '';
      const value = type.parse(cell);
      if (value === undefined) {
        const details = { file, line: i + 2, column, expected: type.expected, value: cell.slice(0, 40) };
        throw luna16Error('LUNA16_CSV_BAD_ROW', details);
      }
      row[column] = value;
    }
    rows.push(row as Row);
  });
  return rows;
}

function cellsOf(bytes: Buffer, file: string): string[][] {
  try {
    return parseCells(bytes);
  } catch (error) {
    throw luna16Error('LUNA16_CSV_UNREADABLE', { file, why: (error as Error).message }, error);
  }
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw missing ? luna16Error('LUNA16_FILE_MISSING', { file }, error) : error;
  }
}
