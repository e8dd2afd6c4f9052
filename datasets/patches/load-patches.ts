import { constants } from 'node:buffer';
import { totalmem } from 'node:os';
import type { Candidate, Dataset } from '../manifest';
import { patchError } from './errors';
import { LUNA_PATCH, type PatchContract, voxelsOf } from './contract';
import { cutPatch } from './extract-patch';

/** The patches of some candidates, in their order. */
export interface PatchSet {
  candidates: readonly Candidate[];
  /** 1: a nodule. */
  labels: Uint8Array;
  contract: PatchContract;
  /** `[N, slices, rows, columns]`, whole Hounsfield units in the range of the contract. */
  hu: Int16Array;
}

export interface LoadPatchesOptions {
  /** LUNA16's by default. */
  contract?: PatchContract;
  /** Patches done and their total, once a scan. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * Cuts the patches of these candidates into memory, reading each scan once and holding one scan at a time. For a scan's
 * candidates and the like: a patch of LUNA16's size takes 144 KiB, and nothing is kept for the next time. Training reads
 * from the patch cache instead.
 *
 * @throws CodedError CANDIDATE_OUTSIDE_SCAN, PATCHES_TOO_MANY, and what reading a scan throws.
 */
export async function loadPatches(
  dataset: Dataset,
  candidates: readonly Candidate[],
  { contract = LUNA_PATCH, onProgress }: LoadPatchesOptions = {},
): Promise<PatchSet> {
  refuseTooMany(candidates.length, voxelsOf(contract));
  const labels = Uint8Array.from(candidates, ({ label }) => label);
  return { candidates, labels, contract, hu: await cutAll(dataset, candidates, contract, onProgress) };
}

async function cutAll(
  dataset: Dataset,
  candidates: readonly Candidate[],
  contract: PatchContract,
  onProgress: LoadPatchesOptions['onProgress'],
): Promise<Int16Array> {
  const voxels = voxelsOf(contract);
  const hu = new Int16Array(candidates.length * voxels);
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
      cutPatch(volume, xyz, hu.subarray(index * voxels, (index + 1) * voxels), contract, `candidate ${id}`);
    }
    done += indices.length;
    onProgress?.(done, candidates.length);
  }
  return hu;
}

function refuseTooMany(count: number, voxels: number): void {
  const needed = count * voxels * Int16Array.BYTES_PER_ELEMENT;
  const available = Math.min(totalmem(), constants.MAX_LENGTH);
  const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
  if (needed > available) {
    throw patchError('PATCHES_TOO_MANY', { count, needed: gib(needed), available: gib(available) });
  }
}
