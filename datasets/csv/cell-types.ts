/** How a cell becomes a value; undefined: it is not one. */
export interface CellType<T> {
  expected: string;
  parse: (cell: string) => T | undefined;
}

export const text: CellType<string> = { expected: 'text', parse: (cell) => (cell === '' ? undefined : cell) };

export const number: CellType<number> = {
  expected: 'a number',
  parse(cell) {
    // Once: to turn text into a number is most of reading a large table.
    const value = Number(cell);
    return cell !== '' && Number.isFinite(value) ? value : undefined;
  },
};

export const positiveNumber: CellType<number> = {
  expected: 'a number above 0',
  parse: (cell) => (Number(cell) > 0 && Number.isFinite(Number(cell)) ? Number(cell) : undefined),
};

export const zeroOrOne: CellType<0 | 1> = {
  expected: '0 or 1',
  parse: (cell) => (cell === '0' ? 0 : cell === '1' ? 1 : undefined),
};

/** One of these words. */
export function oneOf<T extends string>(...words: readonly T[]): CellType<T> {
  return {
    expected: words.map((word) => `\`${word}\``).join(' or '),
    parse: (cell) => words.find((word) => word === cell),
  };
}

/** Another type, or nothing. */
export function optional<T>(type: CellType<T>): CellType<T | null> {
  return { expected: `${type.expected} or nothing`, parse: (cell) => (cell === '' ? null : type.parse(cell)) };
}
