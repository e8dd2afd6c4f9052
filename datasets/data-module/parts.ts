import { isCodedError } from 'coded-error';
import type { Candidate, Dataset } from '../manifest';
import { type PatchCache, type PatchCacheOptions, openPatchCache } from '../patch-cache';
import type { Part } from '../split';
import type { BatchPool } from './batch-pool';
import type { BatchTask } from './batch-task';

/** The caches of the parts of a split, and the threads that make batches from them. */
export interface Parts {
  /** Builds what the cache does not hold yet; the second time it is there. */
  open: (part: Part, onProgress?: PatchCacheOptions['onProgress']) => Promise<PatchCache>;
  /** Damage that is found on the way is mended by cutting the scan anew. */
  make: (task: BatchTask, memory?: ArrayBuffer) => Promise<Float32Array>;
}

export function createParts(
  dataset: Dataset,
  candidates: Record<Part, readonly Candidate[]>,
  options: Omit<PatchCacheOptions, 'onProgress'>,
  pool: BatchPool,
): Parts {
  const caches = new Map<Part, Promise<PatchCache>>();

  async function openNow(part: Part, onProgress: PatchCacheOptions['onProgress']): Promise<PatchCache> {
    const cache = await openPatchCache(dataset, candidates[part], { ...options, onProgress });
    pool.open(part, cache.layout);
    return cache;
  }

  function open(part: Part, onProgress?: PatchCacheOptions['onProgress']): Promise<PatchCache> {
    const cache = caches.get(part) ?? openNow(part, onProgress);
    caches.set(part, cache);
    // What could not be opened may be tried again.
    cache.catch(() => caches.delete(part));
    return cache;
  }

  return {
    open,
    async make(task, memory) {
      const mended = new Set<number>();
      for (;;) {
        try {
          return await pool.make(task, mended.size === 0 ? memory : undefined);
        } catch (error) {
          const shard = damagedShard(error);
          if (shard === undefined || mended.has(shard)) throw error;
          mended.add(shard);
          await (await open(task.part)).mend(shard);
        }
      }
    },
  };
}

function damagedShard(error: unknown): number | undefined {
  return isCodedError(error) && error.code === 'PATCH_CACHE_DAMAGED' ? Number(error.details['shard']) : undefined;
}
