import { sha256 } from 'durable-files';
import type { Voxels } from './volume';

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
  const counts = new Uint32Array(HIGHEST - LOWEST + 1);
  return {
    add(hu) {
      const whole = hu instanceof Int16Array;
      for (let i = 0; i < hu.length; i++) {
        const value = whole ? hu[i]! : Math.round(hu[i]!);
        if (value >= LOWEST && value <= HIGHEST) counts[value - LOWEST]!++;
      }
    },
    digest() {
      const distinct = counts.reduce((sum, count) => sum + Number(count > 0), 0);
      return distinct < FEWEST_VALUES ? null : sha256(new Uint8Array(counts.buffer));
    },
  };
}
