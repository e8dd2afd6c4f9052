import type { Voxels } from '../volume';

/** Counts of voxels by whole Hounsfield unit, from −32768 to 32767; what lies beyond counts at the ends. */
export class HuHistogram {
  private readonly counts = new Float64Array(65536);
  /** Counts of one slice or more that still fit 32 bits: twice as fast to add to. */
  private readonly pending = new Uint32Array(65536);
  /** Of every other voxel: neighbours are often equal, and adding to the same number twice in a row waits. */
  private readonly others = new Uint32Array(65536);
  private pendingVoxels = 0;
  notFinite = 0;

  add(hu: Voxels): void {
    if (this.pendingVoxels + hu.length > 2 ** 31) this.flush();
    this.pendingVoxels += hu.length;
    const { pending, others } = this;
    if (hu instanceof Int16Array) {
      const even = hu.length & ~1;
      for (let i = 0; i < even; i += 2) {
        pending[hu[i]! + 32768]!++;
        others[hu[i + 1]! + 32768]!++;
      }
      if (even < hu.length) pending[hu[even]! + 32768]!++;
      return;
    }
    for (let i = 0; i < hu.length; i++) {
      const value = hu[i]!;
      if (Number.isFinite(value)) pending[Math.min(65535, Math.max(0, Math.round(value) + 32768))]!++;
      else this.notFinite++;
    }
  }

  private flush(): void {
    for (let i = 0; i < 65536; i++) this.counts[i]! += this.pending[i]! + this.others[i]!;
    this.pending.fill(0);
    this.others.fill(0);
    this.pendingVoxels = 0;
  }

  summarize(): HuSummary {
    this.flush();
    const { counts } = this;
    const voxels = counts.reduce((sum, count) => sum + count, 0);
    const quantile = (share: number) => {
      let seen = 0;
      const index = counts.findIndex((count) => (seen += count) >= share * voxels && seen > 0);
      return Math.max(index, 0) - 32768;
    };
    const share = (from: number, to: number) => shareOf(counts, voxels, from, to);
    return {
      min: quantile(0),
      max: counts.findLastIndex((count) => count > 0) - 32768,
      median: quantile(0.5),
      shares: {
        air: share(...TISSUE.air),
        lung: share(...TISSUE.lung),
        soft: share(...TISSUE.soft),
        bone: share(...TISSUE.bone),
      },
      explanation: explain(counts, voxels),
      notFinite: this.notFinite,
    };
  }
}

/** From the first to before the second HU. The table, the padding and fat stand in none of them. */
const TISSUE = { air: [-1100, -950], lung: [-950, -500], soft: [-30, 150], bone: [200, 3072] } as const;

export interface HuSummary {
  min: number;
  max: number;
  median: number;
  /** Shares of all voxels, 0 to 1. */
  shares: Record<keyof typeof TISSUE, number>;
  /** What the values are: `hounsfield`, what would make them so, or `unknown`. */
  explanation: Explanation;
  notFinite: number;
}

export type Explanation = 'hounsfield' | '+1024' | '+1000' | '-1024' | '-1000' | 'negated' | 'picture' | 'unknown';

/** A chest has at least this much soft tissue, and this much air and lung together. */
const LEAST_SHARE = 0.03;

/**
 * Tries what goes wrong when CT is converted. Values are taken as Hounsfield units where these show air or lung and
 * soft tissue; else the first shift or sign that would make it so is named.
 */
function explain(counts: Float64Array, voxels: number): Explanation {
  const first = counts.findIndex((count) => count > 0) - 32768;
  const last = counts.findLastIndex((count) => count > 0) - 32768;
  if (first >= 0 && last <= 255) return 'picture';
  const isChest = (toHu: (from: number, to: number) => [number, number]) => {
    const share = ([from, to]: readonly [number, number]) => shareOf(counts, voxels, ...toHu(from, to));
    const [soft, air, lung] = [share(TISSUE.soft), share(TISSUE.air), share(TISSUE.lung)];
    // Lung counts most: with the sign turned, soft tissue looks like air that is shifted, but nothing looks like lung.
    return Math.min(soft, air + lung) >= LEAST_SHARE ? Math.min(soft, air + lung) + 100 * Math.min(soft, lung) : 0;
  };
  if (isChest((from, to) => [from, to]) > 0) return 'hounsfield';
  const shifts = { '+1024': 1024, '+1000': 1000, '-1024': -1024, '-1000': -1000 } as const;
  let best: { name: Explanation; lean: number } = { name: 'unknown', lean: 0 };
  for (const [name, shift] of Object.entries(shifts)) {
    const lean = isChest((from, to) => [from + shift, to + shift]);
    if (lean > best.lean) best = { name: name as keyof typeof shifts, lean };
  }
  const negated = isChest((from, to) => [1 - to, 1 - from]);
  return negated > best.lean ? 'negated' : best.name;
}

function shareOf(counts: Float64Array, voxels: number, from: number, to: number): number {
  let sum = 0;
  for (let hu = Math.max(from, -32768); hu < Math.min(to, 32768); hu++) sum += counts[hu + 32768]!;
  return voxels === 0 ? 0 : sum / voxels;
}
