import { defineErrors } from 'coded-error';

export const manifestError = defineErrors({
  SERIES_TWO_ROWS: {
    message: '{file}, line {line}: this series has a row already, which says something else',
    hint: 'A scan was made in one way: leave one row for each series.',
  },
});
