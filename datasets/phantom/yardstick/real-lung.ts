import { seededRandom } from 'seeded-random';
import { extractPatch } from '../../patches';
import { ircToXyz, type Irc, type Volume } from '../../volume';
import { drawInsertion, insertNodule, type InsertedNodule, type PointSpread } from './insert-nodule';
import { segmentLungs } from './lung-mask';

/** Patches of a real scan, `[32, 48, 48]` HU each, on which a model that has only seen phantoms is tried. */
export interface RealLung {
  /** Random places in lung. */
  lung: { irc: Irc; patch: Float32Array }[];
  /** Nodules put into lung, each alone. */
  inserted: { nodule: InsertedNodule; patch: Float32Array }[];
}

export interface RealLungOptions {
  /** Of nodules, mm; of these, 4–20 mm are drawn. */
  diameters: readonly number[];
  /** How many random places of lung, and how many nodules. */
  places?: number;
  nodules?: number;
  seed?: number;
}

/**
 * Gaussian sigma in the slice, mm: the edge of the skin in the real CT beside the checkout (Siemens B70f), along 2,300
 * lines that cross it upright, rises from 10 to 90 % within 1.08 mm.
 */
const IN_PLANE_BLUR = 0.42;

/**
 * Draws random places of lung, and nodules put into other random places, of one scan. A place is any voxel of the lung
 * mask, each as likely as any other: near walls, on vessels and in bronchi too. The scan is left as it was.
 */
export function sampleRealLung(
  volume: Volume,
  { diameters, places = 600, nodules = 200, seed = 1 }: RealLungOptions,
): RealLung {
  const random = seededRandom(seed);
  const mask = segmentLungs(volume);
  const voxels = indicesOf(mask.inside);
  const draw = () => toIrc(voxels[random.integer(voxels.length)]!, volume.size);
  const lung = Array.from({ length: places }, () => {
    const irc = draw();
    return { irc, patch: extractPatch(volume, ircToXyz(irc, volume)) };
  });
  const drawn = diameters.filter((mm) => mm >= 4 && mm <= 20);
  // A slice is a box as thick as the slices lie apart, whose spread this is.
  const pointSpread: PointSpread = { inPlane: IN_PLANE_BLUR, across: volume.spacingXyz[2] / Math.sqrt(12) };
  const noise = softTissueNoise(volume);
  const inserted = Array.from({ length: nodules }, () => {
    const nodule = drawInsertion(random, volume, mask, draw, drawn);
    const undo = insertNodule(volume, nodule, pointSpread, noise, random);
    const patch = extractPatch(volume, ircToXyz(nodule.irc, volume));
    undo();
    return { nodule, patch };
  });
  return { lung, inserted };
}

function indicesOf(inside: Uint8Array): Int32Array {
  let count = 0;
  for (const value of inside) count += value;
  const indices = new Int32Array(count);
  let n = 0;
  inside.forEach((value, index) => {
    if (value === 1) indices[n++] = index;
  });
  return indices;
}

function toIrc(index: number, [, rows, columns]: Irc): Irc {
  const row = Math.floor(index / columns);
  return [Math.floor(row / rows), row % rows, index % columns];
}

/** The scan's own noise, HU: the most even block of 24 × 24 voxels of soft tissue, less its slow variation, row by row. */
function softTissueNoise({ hu, size: [slices, rows, columns] }: Volume): number[] {
  const side = 24;
  let best: { deviation: number; values: number[] } | undefined;
  for (let k = Math.floor(slices / 4); k < (3 * slices) / 4; k += 4) {
    for (let j = 0; j + side <= rows; j += side) {
      for (let i = 0; i + side <= columns; i += side) {
        const block = Array.from(
          { length: side * side },
          (_, n) => hu[(k * rows + j + Math.floor(n / side)) * columns + i + (n % side)]!,
        );
        const mean = block.reduce((sum, value) => sum + value, 0) / block.length;
        if (mean < 20 || mean > 120) continue;
        const values = block.map((value) => value - mean);
        const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
        if (best === undefined || deviation < best.deviation) best = { deviation, values };
      }
    }
  }
  return best?.values ?? [0];
}
