import type { Random } from 'seeded-random';
import type { Grid } from './grid';
import { smoothed, standardised, whiteTile, type NoiseTile } from './noise';
import type { Lungs } from './lungs';
import type { Thorax } from './thorax';

/** HU of lung that emphysema has destroyed; −950 is the limit that readers use. */
const EMPTY_LUNG = -968;

/** Changes the HU of lung at a voxel: `depth` mm under the pleura, tile place as in `NoiseTile`, HU without disease. */
export type Disease = (hu: number, depth: number, tile: number) => number;

/** Emphysema or fibrosis of one slice at height `z`, or null where the lungs are well: most are. */
export type DiseaseAt = ((z: number) => Disease) | null;

/**
 * Emphysema: holes of a few millimetres that take up more of the lung the nearer the apex. Fibrosis: thickened septa
 * under the pleura at the bases (reticulation), or walls of cysts there (honeycombing).
 */
export function drawDisease(grid: Grid, thorax: Thorax, { emphysema, fibrosis }: Lungs, random: Random): DiseaseAt {
  const holes = emphysema > 0 ? pattern(grid, random.fork('emphysema'), 2.6) : null;
  const honeycomb = fibrosis === 'honeycombing';
  const septa = fibrosis === 'none' ? null : pattern(grid, random.fork('fibrosis'), honeycomb ? 2 : 1.6);
  const patches = fibrosis === 'none' ? null : pattern(grid, random.fork('patches'), 7);
  if (!holes && !septa) return null;
  const height = thorax.apex - thorax.base;

  return (z) => {
    const level = Math.min(1, Math.max(0, (z - thorax.base) / height));
    const share = Math.min(0.8, emphysema * 1.6 * level ** 1.3);
    // Below this a standard normal falls with a chance of `share` (logistic approximation).
    const limit = share > 0.002 ? Math.log(share / (1 - share)) / 1.702 : -9;
    const basal = Math.min(1, Math.max(0, (0.5 - level) / 0.2));
    return (hu, depth, tile) => {
      let value = hu;
      if (holes) {
        const hole = (limit - holes.values[tile]!) * 2.5 + 0.5;
        if (hole > 0) value += (EMPTY_LUNG - value) * Math.min(1, hole);
      }
      if (septa && basal > 0 && depth < 40) {
        const part = basal * Math.exp(-depth / 11) * Math.min(1.4, Math.max(0, 0.7 + patches!.values[tile]!));
        const wall = Math.exp(-((septa.values[tile]! / (honeycomb ? 0.3 : 0.2)) ** 2));
        const change = honeycomb ? 620 * wall - 110 : 430 * wall + 70;
        value += part * change;
      }
      return value;
    };
  };
}

function pattern(grid: Grid, random: Random, millimetres: number): NoiseTile {
  const [pixel, , slice] = grid.spacing;
  return standardised(smoothed(whiteTile(random, 32, 64), millimetres / pixel, millimetres / slice));
}
