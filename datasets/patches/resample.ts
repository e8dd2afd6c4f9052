import type { Irc, Volume } from '../volume';
import type { PatchContract } from './contract';

/**
 * Fills a patch with trilinear samples of a scan on a grid of `spacingMm`, along the scan's own axes; the sample in the
 * middle (at half the size, rounded down) lies at the fractional voxel `place`. Samples whose nearest voxel is not in
 * the scan are left as they are. These are the values of ITK's ResampleImageFilter with its linear interpolator and the
 * same grid, clipped. As there, nothing is smoothed before: a grid much coarser than the scan leaves voxels out.
 */
export function resampleAround(
  { hu, size, spacingXyz }: Volume,
  place: Irc,
  patch: Float32Array | Int16Array,
  spacingMm: number,
  { patchSize, clip: [lowest, highest], padding }: Pick<PatchContract, 'patchSize' | 'clip' | 'padding'>,
): void {
  const tapsAlong = (axis: 0 | 1 | 2) =>
    placeTaps(place[axis], spacingMm / spacingXyz[2 - axis]!, patchSize[axis], size[axis]);
  const [slices, rows, columns] = [tapsAlong(0), tapsAlong(1), tapsAlong(2)];
  if (columns.first === columns.end) return;
  const whole = patch instanceof Int16Array;
  const firstVoxel = columns.low[columns.first]!;
  const lastVoxel = columns.high[columns.end - 1]!;
  /** The four lines of voxels around a line of samples, blended into one. */
  const line = new Float64Array(size[2]);

  for (let slice = slices.first; slice < slices.end; slice++) {
    const byPlane = slices.weight[slice]!;
    for (let row = rows.first; row < rows.end; row++) {
      const byRow = rows.weight[row]!;
      const start = (s: number, r: number) => (s * size[1] + r) * size[2];
      const lowLow = start(slices.low[slice]!, rows.low[row]!);
      const lowHigh = start(slices.low[slice]!, rows.high[row]!);
      const highLow = start(slices.high[slice]!, rows.low[row]!);
      const highHigh = start(slices.high[slice]!, rows.high[row]!);
      for (let voxel = firstVoxel; voxel <= lastVoxel; voxel++) {
        const low = hu[lowLow + voxel]! + (hu[lowHigh + voxel]! - hu[lowLow + voxel]!) * byRow;
        const high = hu[highLow + voxel]! + (hu[highHigh + voxel]! - hu[highLow + voxel]!) * byRow;
        line[voxel] = low + (high - low) * byPlane;
      }
      const to = (slice * patchSize[1] + row) * patchSize[2];
      for (let column = columns.first; column < columns.end; column++) {
        const low = line[columns.low[column]!]!;
        const value = low + (line[columns.high[column]!]! - low) * columns.weight[column]!;
        // Not a number compares false three times, and so counts as beyond the scan.
        const clipped = value > highest ? highest : value >= lowest ? value : value < lowest ? lowest : padding;
        patch[to + column] = whole ? Math.round(clipped) : clipped;
      }
    }
  }
}

/** Where the samples along one axis lie; those from `first` to before `end` lie in the scan. */
interface Taps {
  first: number;
  end: number;
  /** The voxels on either side of each sample, and the share of the higher one. */
  low: Int32Array;
  high: Int32Array;
  weight: Float64Array;
}

function placeTaps(middle: number, step: number, samples: number, voxels: number): Taps {
  const taps: Taps = {
    first: samples,
    end: samples,
    low: new Int32Array(samples),
    high: new Int32Array(samples),
    weight: new Float64Array(samples),
  };
  for (let sample = 0; sample < samples; sample++) {
    const at = middle + (sample - (samples >> 1)) * step;
    if (at < -0.5 || at >= voxels - 0.5) {
      if (taps.first < sample) taps.end = Math.min(taps.end, sample);
      continue;
    }
    taps.first = Math.min(taps.first, sample);
    // Half a voxel beyond the outermost centres still belongs to the scan, and has their value.
    const inside = Math.min(Math.max(at, 0), voxels - 1);
    taps.low[sample] = Math.floor(inside);
    taps.high[sample] = Math.min(Math.floor(inside) + 1, voxels - 1);
    taps.weight[sample] = inside - Math.floor(inside);
  }
  return taps;
}
