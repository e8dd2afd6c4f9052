import { defineErrors } from 'coded-error';

export const phantomError = defineErrors({
  PHANTOM_BAD_SEED: {
    message: 'The phantom seed {seed} is not a whole number from 0 to 4294967295',
    hint: 'Give a whole number, for example seed=1.',
    status: 400,
  },
  PHANTOM_BAD_SCANS: {
    message: '{scans} phantom scans were asked for; it must be a whole number from 1 to 10000',
    hint: 'The demo uses 20; one scan takes about 20 MB.',
    status: 400,
  },
  PHANTOM_BAD_DIFFICULTY: {
    message: 'The phantom difficulty {difficulty} is not a number from 0 to 1',
    hint: 'Leave it out for the usual 0.5; 0 is easy, 1 is hard.',
    status: 400,
  },
  PHANTOM_FOLDER_TAKEN: {
    message: 'The folder {dir} holds {found}, not this phantom',
    hint: 'Choose another folder, or remove this one first.',
    status: 409,
  },
  PHANTOM_WORKER_FAILED: {
    message: 'Making phantom scan {scan} failed: {reason}',
    hint: 'Run the same command again: finished scans are kept.',
  },
});
