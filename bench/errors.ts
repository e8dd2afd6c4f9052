import { defineErrors } from 'coded-error';

export const benchError = defineErrors({
  BENCH_UNKNOWN: {
    message: "there is no bench '{name}'",
    hint: 'Benches: {names}.',
  },
  BENCH_PEER_MISSING: {
    message: 'the peer could not be installed: {reason}',
    hint: '{peer} comes from PyPI into {folder} and needs python3 with venv and {gigabytes} GB of disk.',
  },
  BENCH_WORKER_FAILED: {
    message: 'the worker {worker} ended with {status}:\n{tail}',
    hint: 'Run its command by itself to see more.',
  },
  BENCH_RESULTS_DIFFER: {
    message: '{ours} and {peer} compute different things: {what} differs by {difference}, {tolerance} allowed',
    hint: 'A comparison of speed means nothing until they agree.',
  },
});
