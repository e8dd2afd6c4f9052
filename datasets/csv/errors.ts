import { defineErrors } from 'coded-error';

export const csvError = defineErrors({
  CSV_FILE_MISSING: {
    message: '{file} is missing',
    hint: 'Put it there: docs/data.md shows the files of each kind of dataset.',
  },
  CSV_MISSING_COLUMN: {
    message: '{file}, line 1: there is no column {column}',
    hint: 'The columns are named {columns}.',
  },
  CSV_BAD_ROW: {
    message: '{file}, line {line}, column {column}: {expected} expected, found `{value}`',
    hint: 'Correct this line, or copy the file again.',
  },
  CSV_UNREADABLE: {
    message: '{file} is not a CSV file: {why}',
    hint: 'Correct this line, or copy the file again.',
  },
});
