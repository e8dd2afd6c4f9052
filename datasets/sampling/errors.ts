import { defineErrors } from 'coded-error';

export const samplingError = defineErrors({
  SAMPLING_ONE_CLASS: {
    message: 'this sampler needs both classes; there are {positives} positives and {negatives} negatives',
    hint: 'Train on more patients, or choose sampler=plain.',
  },
});
