import { defineErrors } from 'coded-error';

export const niftiCsvError = defineErrors({
  NIFTI_CSV_NO_DESCRIPTION: {
    message: 'there is no {file}',
    hint: 'Give the folder of a dataset with dataset.yaml and labels.csv: docs/data.md shows both.',
    status: 404,
  },
  NIFTI_CSV_BAD_DESCRIPTION: {
    message: '{file} does not describe a dataset: {problems}',
    hint: 'Correct the named keys; docs/data.md shows them all.',
  },
  NIFTI_CSV_NO_ROWS: {
    message: '{file} has no row',
    hint: 'Write one row a candidate: docs/data.md shows the columns.',
  },
  NIFTI_CSV_SCAN_MISSING: {
    message: '{file}, line {line}: there is no scan {scan} in the folder',
    hint: 'Name scans as they are called in the folder of the dataset, with their extension.',
  },
  NIFTI_CSV_SCAN_OUTSIDE: {
    message: '{file}, line {line}: {scan} does not lie in the folder of the dataset',
    hint: 'Move the scan there and name it relative to the folder.',
  },
  NIFTI_CSV_TWO_PATIENTS: {
    message: '{file}, line {line}: {scan} has another patient_id than in the lines before',
    hint: 'A scan shows one patient; correct the file.',
  },
  NIFTI_CSV_PLACE_OUTSIDE: {
    message: '{file}, line {line}: the place lies outside {scan}: voxel (slice, row, column) {irc} of {size}',
    hint: 'Check what coordinates in dataset.yaml says: lps, ras (both mm) or voxel.',
  },
  NIFTI_CSV_DUPLICATE_SCAN: {
    message: '{scan} and {other} are the same scan',
    hint: 'Remove one of the two: a scan that stands twice could be trained on and tested on.',
  },
  NIFTI_CSV_UNKNOWN_SERIES: {
    message: 'the dataset has no series {seriesUid}',
    hint: 'Ask for a series of the manifest.',
    status: 404,
  },
});
