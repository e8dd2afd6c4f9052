export { type CellType, number, oneOf, optional, positiveNumber, text, zeroOrOne } from './cell-types';
export { parseCells } from './parse-cells';
export { type Table, type TableProblem, type TableRow, readTable } from './read-table';
export { toCsv } from './write-csv';
