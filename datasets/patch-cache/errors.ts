import { defineErrors } from 'coded-error';

export const patchCacheError = defineErrors({
  PATCH_CACHE_NO_SPACE: {
    message: 'The patch cache {dir} needs {needed} GiB more, and the disk has {available}',
    hint: 'Name a folder on a larger disk (data.cache_dir), free some space, or take fewer candidates. Scans that are already cut are kept.',
    status: 507,
  },
  PATCH_CACHE_INTERRUPTED: {
    message: 'Cutting patches was interrupted after {done} of {total}',
    hint: 'Start it again: the scans that are already cut are kept.',
    status: 499,
  },
  PATCH_CACHE_DAMAGED: {
    message: 'The patch cache file {file} does not hold what was written into it',
    hint: 'Remove the file and run again: it is cut anew. When it comes back, the disk is failing.',
    status: 422,
  },
  PATCH_CACHE_WORKER_FAILED: {
    message: 'A thread that cuts patches ended: {reason}',
    hint: 'Start it again with fewer threads (data.workers) or less memory (data.memory_mb): the scans that are already cut are kept.',
  },
});
