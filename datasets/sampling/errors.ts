import { defineErrors } from 'coded-error';

export const samplingError = defineErrors({
  SAMPLING_ONE_CLASS: {
    message: 'this sampler needs both classes; there are {positives} positives and {negatives} negatives',
    hint: 'Train on more patients, or choose sampler=plain.',
  },
  SAMPLING_SCORES_FOREIGN: {
    message: 'none of the {rows} candidates in {file} is one of those that are trained on',
    hint: 'Give the scores of this dataset (column candidate), or sampler.scores=null.',
    status: 422,
  },
});
