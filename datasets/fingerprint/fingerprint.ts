import { sha256 } from 'durable-files';
import type { Voxels } from '../volume';

/** HU; what lies beyond is air, padding and metal, which whoever writes a scan anew may clip or fill otherwise. */
const LOWEST = -900;
const HIGHEST = 900;
/** A scan with fewer distinct values is too plain to be told from another; real ones have well over a thousand. */
const FEWEST_VALUES = 64;

/** Gathers the voxels of a scan, in any order and in pieces. */
export interface Fingerprint {
  add: (hu: Voxels) => void;
  /** Null for a scan too plain to have one. */
  digest: () => string | null;
}

/**
 * Digest of how many voxels have which value between -900 and 900 HU, rounded. It is the same for a scan that was saved
 * again in another format or number type, at another place in the world, flipped, turned, padded or clipped outside
 * that range, or under another name. Resampling, cropping and noise change it.
 *
 * Two scans by chance never share it: with 64 values among thousands of voxels or more they would have to agree on every
 * count.
 */
export function fingerprintOf(): Fingerprint {
  // By the 16 bits of a value. Voxels go to two tables in turn, for neighbours are often the same, and a count has to be
  // stored before it can be raised again.
  const even = new Uint32Array(2 ** 16);
  const odd = new Uint32Array(2 ** 16);
  return {
    add(hu) {
      const whole = hu instanceof Int16Array ? hu : roundedInRange(hu);
      const bits = new Uint16Array(whole.buffer, whole.byteOffset, whole.length);
      const pairs = bits.length & ~1;
      for (let i = 0; i < pairs; i += 2) {
        even[bits[i]!]!++;
        odd[bits[i + 1]!]!++;
      }
      if (pairs < bits.length) even[bits[pairs]!]!++;
    },
    digest() {
      const counts = Uint32Array.from({ length: HIGHEST - LOWEST + 1 }, (_, i) => {
        const bits = (LOWEST + i) & 0xffff;
        return even[bits]! + odd[bits]!;
      });
      const distinct = counts.reduce((sum, count) => sum + Number(count > 0), 0);
      return distinct < FEWEST_VALUES ? null : sha256(new Uint8Array(counts.buffer));
    },
  };
}

function roundedInRange(hu: Exclude<Voxels, Int16Array>): Int16Array {
  // What is no number, or beyond 16 bits, goes where nothing is counted.
  return Int16Array.from(hu, (value) => (value >= LOWEST - 1 && value <= HIGHEST + 1 ? Math.round(value) : 0x7fff));
}
