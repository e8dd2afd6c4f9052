export { type CellType, number, oneOf, optional, positiveNumber, text, zeroOrOne } from './cell-types';
export { readRecords, readRows, streamRows } from './read-rows';
export { type Table, type TableProblem, type TableRow, readTable } from './read-table';
export { toCsv } from './write-csv';
