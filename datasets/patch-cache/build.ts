import { mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { unpackError } from 'coded-error';
import type { Dataset } from '../manifest';
import type { PatchContract } from '../patches';
import { cutShard } from './cut-shard';
import type { CutAnswer } from './cut-worker';
import { patchCacheError } from './errors';
import { type Shard, shardBytes } from './shard';

export interface BuildOptions {
  cacheDir: string;
  contract: PatchContract;
  /** Threads that read and cut; 0 does it in this one, through `dataset.volume`. */
  workers: number;
  /** Scans that are read at once take no more than this, unless a single one does. */
  memoryMb: number;
  /** Patches cut since the call. */
  onProgress?: (patches: number) => void;
  signal?: AbortSignal;
}

const ABANDONED_MS = 3_600_000;
/** A scan as its file and as its voxels, next to each other for a moment. */
const COPIES_OF_A_SCAN = 2;

/**
 * Cuts these shards, each scan read once. What is finished stays, whatever becomes of the rest.
 *
 * @throws CodedError PATCH_CACHE_NO_SPACE, PATCH_CACHE_INTERRUPTED, CANDIDATE_OUTSIDE_SCAN, and what reading a scan throws.
 */
export async function buildShards(dataset: Dataset, shards: readonly Shard[], options: BuildOptions): Promise<void> {
  if (shards.length === 0) return;
  await mkdir(options.cacheDir, { recursive: true });
  await removeAbandoned(options.cacheDir);
  await refuseFullDisk(shards, options);
  try {
    await cutAll(dataset, shards, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') await refuseFullDisk(shards, options, error);
    throw error;
  }
}

async function cutAll(dataset: Dataset, shards: readonly Shard[], options: BuildOptions): Promise<void> {
  const { workers, signal, onProgress } = options;
  const total = patchesOf(shards);
  const budget = memoryBudget(options.memoryMb * 2 ** 20);
  let next = 0;
  let done = 0;
  const cutters = startCutters(dataset, Math.min(workers, shards.length), options);
  const work = async ({ cut }: Cutter): Promise<void> => {
    while (next < shards.length) {
      if (signal?.aborted) throw patchCacheError('PATCH_CACHE_INTERRUPTED', { done, total });
      const shard = shards[next++]!;
      const release = await budget.take(shard.scanBytes * COPIES_OF_A_SCAN);
      await cut(shard).finally(release);
      done += shard.places.length;
      onProgress?.(done);
    }
  };
  const works = cutters.map(work);
  try {
    await Promise.all(works);
  } finally {
    // After a failure the other threads finish the scan they are at, and keep it.
    next = shards.length;
    await Promise.allSettled(works);
    await Promise.all(cutters.map(({ close }) => close()));
  }
}

interface Cutter {
  cut: (shard: Shard) => Promise<void>;
  close: () => Promise<unknown>;
}

function startCutters(dataset: Dataset, workers: number, { cacheDir, contract }: BuildOptions): Cutter[] {
  if (workers === 0) {
    const cut = async (shard: Shard) => cutShard(cacheDir, shard, await dataset.volume(shard.seriesUid), contract);
    return [{ cut, close: () => Promise.resolve() }];
  }
  return Array.from({ length: workers }, () => {
    const worker = new Worker(join(__dirname, 'cut-worker.ts'), {
      workerData: { cacheDir, contract },
      execArgv: ['--require', require.resolve('tsx/cjs')],
    });
    return { cut: (shard) => ask(worker, shard), close: () => worker.terminate() };
  });
}

function ask(worker: Worker, shard: Shard): Promise<void> {
  return new Promise((resolve, reject) => {
    const onEnd = (ended: Error | number) => {
      const reason = typeof ended === 'number' ? `exit code ${ended}` : ended.message;
      reject(patchCacheError('PATCH_CACHE_WORKER_FAILED', { reason }, ended));
    };
    worker.once('error', onEnd).once('exit', onEnd);
    worker.once('message', (answer: CutAnswer) => {
      worker.off('error', onEnd).off('exit', onEnd);
      if ('error' in answer) reject(unpackError(answer.error));
      else resolve();
    });
    worker.postMessage(shard);
  });
}

/** Lets work begin while the sum of what it takes stays within the limit, and one piece in any case. */
function memoryBudget(limit: number) {
  let taken = 0;
  let waiting: (() => void)[] = [];
  return {
    async take(bytes: number): Promise<() => void> {
      while (taken > 0 && taken + bytes > limit) await new Promise<void>((resolve) => waiting.push(resolve));
      taken += bytes;
      return () => {
        taken -= bytes;
        const woken = waiting;
        waiting = [];
        for (const resolve of woken) resolve();
      };
    },
  };
}

async function refuseFullDisk(shards: readonly Shard[], options: BuildOptions, cause?: unknown): Promise<void> {
  const { cacheDir: dir, contract } = options;
  const needed = shards.reduce((sum, { places }) => sum + shardBytes(places.length, contract), 0);
  const { bavail, bsize } = await statfs(dir);
  if (needed <= bavail * bsize && cause === undefined) return;
  const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
  throw patchCacheError('PATCH_CACHE_NO_SPACE', { dir, needed: gib(needed), available: gib(bavail * bsize) }, cause);
}

/** A killed process leaves its half-written file; after an hour nobody is writing it any more. */
async function removeAbandoned(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    if (!name.endsWith('.tmp')) continue;
    const path = join(cacheDir, name);
    const changed = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    if (changed !== undefined && Date.now() - changed > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}

function patchesOf(shards: readonly Shard[]): number {
  return shards.reduce((sum, { places }) => sum + places.length, 0);
}
