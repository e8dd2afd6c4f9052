import { defineErrors } from 'coded-error';

export const datasetError = defineErrors({
  DATASET_CONFIG_INVALID: {
    message: 'this is not a dataset that can be opened: {problems}',
    hint: 'The kinds are {kinds}; configs/dataset shows what each asks for.',
    status: 400,
  },
});
