import { constants } from 'node:buffer';
import { totalmem } from 'node:os';
import { digestJson, sha256 } from 'durable-files';
import { type Candidate, type Dataset, digestCandidates } from '../manifest';
import { patchError } from './errors';
import { PATCH_CONTRACT, PATCH_VOXELS, cutPatch } from './extract-patch';
import { readCachedPatches, writeCachedPatches } from './patch-cache';

/** The patches of some candidates, in their order. */
export interface PatchSet {
  candidates: readonly Candidate[];
  /** 1: a nodule. */
  labels: Uint8Array;
  /** `[N, 32, 48, 48]`, whole Hounsfield units in [-1000, 1000]. */
  hu: Int16Array;
  /** Over the dataset, the candidates in their order, and the patch contract. */
  digest: string;
}

export interface LoadPatchesOptions {
  /** Where cut patches are kept for the next time; without it they are cut anew. */
  cacheDir?: string;
  /** Patches done and their total, once a scan. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * Cuts the patches of these candidates, reading each scan once and holding one scan at a time, or takes them from the
 * cache. A patch takes 144 KiB of memory.
 *
 * @throws CodedError CANDIDATE_OUTSIDE_SCAN, PATCHES_TOO_MANY, and what reading a scan throws. The cache then stays as it was.
 */
export async function loadPatches(
  dataset: Dataset,
  candidates: readonly Candidate[],
  { cacheDir, onProgress }: LoadPatchesOptions = {},
): Promise<PatchSet> {
  refuseTooMany(candidates.length);
  const digest = digestJson({
    dataset: dataset.manifest.digest,
    candidates: digestCandidates(candidates),
    order: sha256(candidates.map(({ id }) => id).join('\n')),
    contract: PATCH_CONTRACT,
  });
  const labels = Uint8Array.from(candidates, ({ label }) => label);
  const cached = cacheDir === undefined ? undefined : await readCachedPatches(cacheDir, digest, candidates.length);
  if (cached) {
    onProgress?.(candidates.length, candidates.length);
    return { candidates, labels, hu: cached, digest };
  }
  const hu = await cutAll(dataset, candidates, onProgress);
  if (cacheDir !== undefined) await writeCachedPatches(cacheDir, digest, hu);
  return { candidates, labels, hu, digest };
}

async function cutAll(
  dataset: Dataset,
  candidates: readonly Candidate[],
  onProgress: LoadPatchesOptions['onProgress'],
): Promise<Int16Array> {
  const hu = new Int16Array(candidates.length * PATCH_VOXELS);
  const indicesOf = new Map<string, number[]>();
  candidates.forEach(({ seriesUid }, index) => {
    const indices = indicesOf.get(seriesUid);
    if (indices) indices.push(index);
    else indicesOf.set(seriesUid, [index]);
  });
  let done = 0;
  for (const [seriesUid, indices] of indicesOf) {
    const volume = await dataset.volume(seriesUid);
    for (const index of indices) {
      const { id, xyz } = candidates[index]!;
      cutPatch(volume, xyz, hu.subarray(index * PATCH_VOXELS, (index + 1) * PATCH_VOXELS), `candidate ${id}`);
    }
    done += indices.length;
    onProgress?.(done, candidates.length);
  }
  return hu;
}

function refuseTooMany(count: number): void {
  const needed = count * PATCH_VOXELS * Int16Array.BYTES_PER_ELEMENT;
  const available = Math.min(totalmem(), constants.MAX_LENGTH);
  const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
  if (needed > available) {
    throw patchError('PATCHES_TOO_MANY', { count, needed: gib(needed), available: gib(available) });
  }
}
