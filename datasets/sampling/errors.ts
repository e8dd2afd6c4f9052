import { defineErrors } from 'coded-error';

export const samplingError = defineErrors({
  SAMPLING_ONE_CLASS: {
    message: 'class-balanced batches need nodules and non-nodules; there are {nodules} and {nonNodules}',
    hint: 'Train on more patients, or set balanced to false.',
  },
});
