import { defineErrors } from 'coded-error';

export const patchError = defineErrors({
  CANDIDATE_OUTSIDE_SCAN: {
    message: '{name} at {xyz} mm lies outside its scan: voxel (slice, row, column) {irc} of {size}',
    hint: 'Give world coordinates in millimetres, LPS, of the same scan.',
    status: 422,
  },
  PATCHES_TOO_MANY: {
    message: '{count} patches need {needed} GiB of memory, this machine has {available}',
    hint: 'Take fewer candidates, for example fewer of the non-nodules.',
  },
});
