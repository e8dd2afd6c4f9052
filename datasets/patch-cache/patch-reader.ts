import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { type PatchContract, voxelsOf } from '../patches';
import { patchCacheError } from './errors';
import { canMapFiles, mapFile } from './mapped-file';
import { HEADER_BYTES, shardBytes } from './shard';
import { checksumOf } from './checksum';

/** Where the patches of a cache lie; it can be sent to any thread, and what is shared in it is there only once. */
export interface PatchLayout {
  contract: PatchContract;
  files: string[];
  /** Patches of each file. */
  counts: number[];
  /** File of a patch, its place there, and the CRC-32 of its int16 bytes. */
  shardOf: Uint32Array<SharedArrayBuffer>;
  placeOf: Uint32Array<SharedArrayBuffer>;
  crc32: Uint32Array<SharedArrayBuffer>;
  /** How often a file was written anew since the cache was opened. */
  generations: Uint32Array<SharedArrayBuffer>;
}

/** A shard that is open: hands out patches by their place. */
interface OpenShard {
  generation: number;
  patch: (place: number) => Int16Array;
  forget: () => void;
  close: () => void;
}

/** Reads patches of a cache in one thread. */
export interface PatchReader {
  /**
   * HU of one patch, to be read only, and only until the next is asked for. The first reading of each is checked against
   * its CRC-32.
   *
   * @throws CodedError PATCH_CACHE_DAMAGED, with the number of the file in `details.shard`.
   */
  patch: (index: number) => Int16Array;
  close: () => void;
}

/** What the kernel maps besides the pages that are touched: up to 64 KiB where a patch begins and ends, half of it on average. */
const MAPPED_AROUND = 1 << 16;

/** Mapped pages are given back each time that this many bytes were touched. */
export function openPatchReader(layout: PatchLayout, memoryBytes: number): PatchReader {
  const { contract, shardOf, placeOf, crc32, generations } = layout;
  const patchBytes = 2 * voxelsOf(contract) + MAPPED_AROUND;
  const shards: (OpenShard | undefined)[] = [];
  const isChecked = new Uint8Array(shardOf.length);
  let touched = 0;

  const shardAt = (number: number): OpenShard => {
    const open = shards[number];
    const generation = Atomics.load(generations, number);
    if (open?.generation === generation) return open;
    open?.close();
    return (shards[number] = openShard(layout, number, generation));
  };

  return {
    patch(index) {
      const number = shardOf[index]!;
      const shard = shardAt(number);
      touched += patchBytes;
      if (touched > memoryBytes) {
        for (const each of shards) each?.forget();
        touched = patchBytes;
      }
      const patch = shard.patch(placeOf[index]!);
      if (isChecked[index] === 0) {
        if (checksumOf(patch) !== crc32[index]) throw damaged(layout, number);
        isChecked[index] = 1;
      }
      return patch;
    },
    close() {
      for (const shard of shards) shard?.close();
      shards.length = 0;
    },
  };
}

function openShard(layout: PatchLayout, number: number, generation: number): OpenShard {
  const file = layout.files[number]!;
  const length = shardBytes(layout.counts[number]!, layout.contract);
  // A file that is too short must not be mapped: touching the missing part would end the process.
  if (statSync(file, { throwIfNoEntry: false })?.size !== length) throw damaged(layout, number);
  const voxels = voxelsOf(layout.contract);
  return { generation, ...(canMapFiles() ? mapShard(file, length, voxels) : readShard(file, voxels)) };
}

function mapShard(file: string, length: number, voxels: number): Omit<OpenShard, 'generation'> {
  const { bytes, forget, close } = mapFile(file, length);
  const patch = (place: number) => new Int16Array(bytes, HEADER_BYTES + 2 * place * voxels, voxels);
  return { patch, forget, close };
}

/** Where files cannot be mapped each patch is read into the same memory. */
function readShard(path: string, voxels: number): Omit<OpenShard, 'generation'> {
  const file = openSync(path, 'r');
  const buffer = new Int16Array(voxels);
  return {
    patch(place) {
      readSync(file, buffer, 0, buffer.byteLength, HEADER_BYTES + place * buffer.byteLength);
      return buffer;
    },
    forget: () => undefined,
    close: () => {
      closeSync(file);
    },
  };
}

function damaged({ files }: PatchLayout, shard: number): Error {
  return patchCacheError('PATCH_CACHE_DAMAGED', { file: files[shard]!, shard });
}
