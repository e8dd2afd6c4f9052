import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { writeFileDurably } from 'durable-files';
import { type PatchContract, cutPatch, voxelsOf } from '../patches';
import type { Volume } from '../volume';
import { bytesOf, checksumOf } from './checksum';
import { type Shard, descriptionPath, describeShard, npyHeader, shardPath } from './shard';

/** Patches a write takes: memory does not grow with the number of candidates of a scan. */
const PATCHES_AT_ONCE = 64;

/**
 * Cuts the patches of one scan and writes its shard, whole or not at all.
 *
 * @throws CodedError CANDIDATE_OUTSIDE_SCAN
 */
export async function cutShard(cacheDir: string, shard: Shard, volume: Volume, contract: PatchContract): Promise<void> {
  const path = shardPath(cacheDir, shard);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const file = await open(temporary, 'w');
  let checksums: number[];
  try {
    checksums = await writePatches(file, shard, volume, contract);
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await file.close();
  await rename(temporary, path);
  const description = JSON.stringify(describeShard(checksums));
  // It is written last and fsyncs the folder, so that where it stands the shard does.
  await writeFileDurably(descriptionPath(cacheDir, shard), `${description}\n`);
}

async function writePatches(
  file: FileHandle,
  { places }: Shard,
  volume: Volume,
  contract: PatchContract,
): Promise<number[]> {
  const voxels = voxelsOf(contract);
  const block = new Int16Array(Math.min(PATCHES_AT_ONCE, places.length) * voxels);
  const checksums: number[] = [];
  await file.writeFile(npyHeader(places.length, contract));
  for (let start = 0; start < places.length; start += PATCHES_AT_ONCE) {
    const part = places.slice(start, start + PATCHES_AT_ONCE);
    part.forEach(({ xyz, name }, i) => {
      const patch = block.subarray(i * voxels, (i + 1) * voxels);
      cutPatch(volume, xyz, patch, contract, name);
      checksums.push(checksumOf(patch));
    });
    await file.writeFile(bytesOf(block.subarray(0, part.length * voxels)));
  }
  return checksums;
}
