import { defineErrors } from 'coded-error';

export const checkError = defineErrors({
  CHECK_NO_FOLDER: {
    message: 'there is no dataset folder {dir}',
    hint: 'Give the folder that holds the subsets and the CSV files; `lungate data phantom` makes one to try.',
  },
  CHECK_SLICE_TOO_LARGE: {
    message: '{file} tells of slices of {rows} × {columns} voxels',
    hint: 'Correct DimSize in the header, or remove the scan.',
  },
  CHECK_WORKER_FAILED: {
    message: 'a worker thread of the check ended: {reason}',
    hint: 'Check again; if it happens again, report it with this message.',
  },
  CHECK_INTERRUPTED: {
    message: 'the check was interrupted after {done} of {total} scans',
    hint: 'Start it again: what was read is kept and not read a second time.',
  },
});
