import { defineErrors } from 'coded-error';

export const splitError = defineErrors({
  SPLIT_BAD_FRACTIONS: {
    message: 'validation {validation} and test {test} are not fractions that leave patients to train on',
    hint: 'Give two numbers from 0 to below 1 whose sum is below 1.',
  },
  SPLIT_TOO_FEW_PATIENTS: {
    message: '{patients} patients cannot be split so that each of {parts} has nodules and non-nodules',
    hint: 'Add scans with both, or set the fraction of a part that you do not need to 0.',
  },
  SPLIT_UNKNOWN_PATIENT: {
    message: 'the holdout names the patient {patient}, who is not in the dataset',
    hint: 'The suite belongs to another dataset, or scans of it are missing on this disk.',
  },
  SPLIT_FILE_UNREADABLE: {
    message: 'the split file {file}: {problem}',
    hint: 'It is JSON with the lists "train", "validation" and "test" of patient ids.',
  },
  SPLIT_OVERLAP: {
    message: 'the patient {patient} is in {first} and in {second}',
    hint: 'Split again: a patient stands on one side only.',
  },
});
