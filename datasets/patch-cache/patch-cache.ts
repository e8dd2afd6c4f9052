import { rm } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { digestJson, sha256 } from 'durable-files';
import { type Candidate, type Dataset, digestCandidates } from '../manifest';
import { LUNA_PATCH, type PatchContract } from '../patches';
import { buildShards } from './build';
import type { PatchLayout } from './patch-reader';
import {
  type Shard,
  type ShardTable,
  descriptionPath,
  readDescription,
  shardBytes,
  shardPath,
  shardsOf,
  sharedUint32,
} from './shard';

/** The patches of some candidates on disk, all of them cut. */
export interface PatchCache {
  candidates: readonly Candidate[];
  /** 1 where a candidate is of the positive class. */
  labels: Uint8Array;
  contract: PatchContract;
  /** Over the dataset, the candidates in their order, and the contract. */
  digest: string;
  /** For `openPatchReader`, in any thread. */
  layout: PatchLayout;
  /** Cuts a file anew in which damage was found. */
  mend: (shard: number) => Promise<void>;
}

export interface PatchCacheOptions {
  /** Folder of the cache. One folder serves any number of datasets, splits and contracts. */
  cacheDir: string;
  contract?: PatchContract;
  /** Threads that cut what is not there yet: every core unless told; 0 cuts in this thread. */
  workers?: number;
  /** What the scans that are read at once may take. A scan that is larger is read alone. */
  memoryMb?: number;
  /** Patches that are there, and their total. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

export const DEFAULT_MEMORY_MB = 512;
const MOST_CUTTERS = 16;

/**
 * Opens the cache of these candidates' patches, and cuts those that it does not hold: each scan is read once, by worker
 * threads. A run that was killed goes on with the scans that it had not finished. A patch takes 144 KiB of disk.
 *
 * @throws CodedError PATCH_CACHE_…, CANDIDATE_OUTSIDE_SCAN, and what reading a scan throws. Finished scans are kept.
 *
 * ```ts
 * const cache = await openPatchCache(dataset, dataset.manifest.candidates, { cacheDir: 'data/patches' });
 * const reader = openPatchReader(cache.layout, 256 * 2 ** 20);
 * reader.patch(0); // Int16Array of 32 × 48 × 48
 * ```
 */
export async function openPatchCache(
  dataset: Dataset,
  candidates: readonly Candidate[],
  options: PatchCacheOptions,
): Promise<PatchCache> {
  const { cacheDir, contract = LUNA_PATCH, onProgress, signal } = options;
  const table = shardsOf(dataset, candidates, contract);
  const build = (shards: readonly Shard[], onPatches?: (patches: number) => void) =>
    buildShards(dataset, shards, {
      cacheDir,
      contract,
      workers: options.workers ?? Math.min(availableParallelism(), MOST_CUTTERS),
      memoryMb: options.memoryMb ?? DEFAULT_MEMORY_MB,
      onProgress: onPatches,
      signal,
    });

  const missing = await missingShards(cacheDir, table, contract);
  const there = candidates.length - missing.reduce((sum, { places }) => sum + places.length, 0);
  onProgress?.(there, candidates.length);
  await build(missing, (patches) => onProgress?.(there + patches, candidates.length));
  const layout = layOut(cacheDir, table, contract);
  await readChecksums(cacheDir, table, layout);

  return {
    candidates,
    labels: Uint8Array.from(candidates, ({ label }) => label),
    contract,
    digest: digestPatches(dataset, candidates, contract),
    layout,
    mend: oncePerShard(async (number) => {
      const shard = table.shards[number]!;
      await rm(descriptionPath(cacheDir, shard), { force: true });
      await build([shard]);
      await readChecksums(cacheDir, table, layout, number);
      Atomics.add(layout.generations, number, 1);
    }),
  };
}

/** Several threads may find the same damage: while a shard is being mended they all wait for that. */
function oncePerShard(mend: (shard: number) => Promise<void>): PatchCache['mend'] {
  const running = new Map<number, Promise<void>>();
  return async (shard) => {
    const mending = running.get(shard) ?? mend(shard).finally(() => running.delete(shard));
    running.set(shard, mending);
    await mending;
  };
}

export function digestPatches(dataset: Dataset, candidates: readonly Candidate[], contract: PatchContract): string {
  return digestJson({
    dataset: dataset.manifest.digest,
    candidates: digestCandidates(candidates),
    order: sha256(candidates.map(({ id }) => id).join('\n')),
    contract,
  });
}

/** Those whose description is not there or whose file has not the length that it must have. */
async function missingShards(cacheDir: string, { shards }: ShardTable, contract: PatchContract): Promise<Shard[]> {
  const missing: Shard[] = [];
  for (const shard of shards) {
    const size = statSync(shardPath(cacheDir, shard), { throwIfNoEntry: false })?.size;
    const isWhole = size === shardBytes(shard.places.length, contract) && (await readDescription(cacheDir, shard));
    if (!isWhole) missing.push(shard);
  }
  return missing;
}

function layOut(cacheDir: string, { shards, shardOf, placeOf }: ShardTable, contract: PatchContract): PatchLayout {
  return {
    contract,
    files: shards.map((shard) => shardPath(cacheDir, shard)),
    counts: shards.map(({ places }) => places.length),
    shardOf,
    placeOf,
    crc32: sharedUint32(shardOf.length),
    generations: sharedUint32(shards.length),
  };
}

/** Fills in the checksums of one shard, or of all. */
async function readChecksums(
  cacheDir: string,
  { shards }: ShardTable,
  { shardOf, placeOf, crc32 }: PatchLayout,
  only?: number,
): Promise<void> {
  const checksums: (number[] | undefined)[] = [];
  for (const [number, shard] of shards.entries()) {
    if (only === undefined || only === number) checksums[number] = await readDescription(cacheDir, shard);
  }
  shardOf.forEach((number, index) => {
    const found = checksums[number];
    if (found) crc32[index] = found[placeOf[index]!]!;
  });
}
