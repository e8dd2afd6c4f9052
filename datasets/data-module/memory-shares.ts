import { type PatchContract, voxelsOf } from '../patches';
import { dataModuleError } from './errors';

const MB = 2 ** 20;
/** Batches made ahead, so that one is ready while the next is being made. */
const LEAST_AHEAD = 2;

export interface MemoryShares {
  /** Batches that are made ahead. */
  ahead: number;
  /** Bytes of the cache that may be mapped and touched at once, over all threads. */
  mapped: number;
}

/**
 * Divides the memory between batches, of which at most half of it, and the patches they are made from.
 *
 * @throws CodedError DATA_MEMORY_TOO_SMALL
 */
export function shareMemory(
  memoryMb: number,
  { workers, batchSize, contract }: { workers: number; batchSize: number; contract: PatchContract },
): MemoryShares {
  const batchBytes = Float32Array.BYTES_PER_ELEMENT * batchSize * voxelsOf(contract);
  // One more than those ahead is with whoever trains.
  const least = LEAST_AHEAD + 1;
  if (least * batchBytes > memoryMb * MB) {
    const needed = Math.ceil((least * batchBytes) / MB);
    throw dataModuleError('DATA_MEMORY_TOO_SMALL', { memoryMb, batches: least, rows: batchSize, needed });
  }
  const fitting = Math.floor((memoryMb * MB) / 2 / batchBytes) - 1;
  const ahead = workers === 0 ? 1 : Math.max(LEAST_AHEAD, Math.min(workers + LEAST_AHEAD, fitting));
  return { ahead, mapped: Math.max(0, memoryMb * MB - (ahead + 1) * batchBytes) };
}
