import { defineErrors } from 'coded-error';

export const dataModuleError = defineErrors({
  DATA_MEMORY_TOO_SMALL: {
    message: '{memoryMb} MB cannot hold the batches that are made ahead: {batches} of {rows} patches take {needed} MB',
    hint: 'Give at least {needed} MB (data.memory_mb), or take smaller batches (trainer.batch_size).',
    status: 422,
  },
  DATA_WORKER_FAILED: {
    message: 'A thread that makes batches ended: {reason}',
    hint: 'Run the same command again: training goes on from its checkpoint. Fewer threads (data.workers) take less memory.',
  },
});
