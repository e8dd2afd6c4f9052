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
    hint: 'A split is a folder that `lungate data split` wrote, its master.csv, or JSON with the lists "train", "validation" and "test" of patient ids.',
  },
  SPLIT_CSV_WRONG: {
    message: '{file}, line {line}, column {column}: {what}',
    hint: '{problem}: correct the file, or split again. master.csv alone, or the lists of the parts alone, are enough.',
  },
  SPLIT_NO_FOLD: {
    message: '{file} has no fold {fold} but {folds}',
    hint: 'Choose one of them, or split with --folds.',
  },
  SPLIT_BAD_FOLDS: {
    message: '{patients} patients cannot be dealt into {folds} folds',
    hint: 'Give a whole number from 2 to the number of patients.',
  },
  SPLIT_NO_SUBSETS: {
    message: 'the scan {file} lies in no subset',
    hint: 'Splitting by subset needs the folders subset0, subset1, …; split by patient instead.',
  },
  SPLIT_BAD_SUBSET: {
    message: 'subset {subset} cannot be taken: there are {known}',
    hint: 'Name two different subsets that are on the disk and leave at least one to train on.',
  },
  SPLIT_NO_COLUMN: {
    message: '{file} cannot be stratified by {column}: {what}',
    hint: 'Name a column of series.csv or, where there is none, of patients.csv; or leave --stratify out.',
  },
  SPLIT_FOLDER_TAKEN: {
    message: '{dir} holds a split already',
    hint: 'Name another folder with --to, or remove it: people may have edited it.',
  },
  SPLIT_OVERLAP: {
    message: 'the patient {patient} is in {first} and in {second}',
    hint: 'Split again: a patient stands on one side only.',
  },
});
