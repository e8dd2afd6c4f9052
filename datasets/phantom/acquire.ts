import type { Random } from 'seeded-random';
import type { Grid } from './grid';
import { difference, smoothed, whiteTile, type NoiseTile } from './noise';
import type { Protocol } from './protocol';

const PLANES = 4;
const SIDE = 256;

/**
 * What the scanner does to the painted chest: neighbouring slices overlap, the kernel blurs (and, when sharp,
 * enhances) in the slice, and correlated noise comes on top. Works in place, slice by slice.
 */
export function acquire(grid: Grid, protocol: Protocol, random: Random): void {
  const { hu, slices, rows, columns } = grid;
  const kernel = reconstructionKernel(protocol);
  const noise = scannerNoise(protocol, random.fork('noise'));
  const size = rows * columns;
  const slice = (k: number) => hu.subarray(k * size, (k + 1) * size);
  const blurred = new Float32Array(size);
  let painted = slice(0).slice();
  let below = painted;
  for (let k = 0; k < slices; k++) {
    const above = slice(Math.min(k + 1, slices - 1)).slice();
    blurAcross(below, painted, above, columns, protocol.overlap, kernel, blurred);
    const place = { plane: random.integer(PLANES), row: random.integer(SIDE), column: random.integer(SIDE) };
    blurDown(blurred, columns, kernel, noise, place, slice(k));
    below = painted;
    painted = above;
  }
}

/** Five taps: a Gaussian, minus a share of a wider one that enhances edges. */
function reconstructionKernel(protocol: Protocol): readonly [number, number, number] {
  const gaussian = (sigma: number) => {
    const weights = [0, 1, 2].map((n) => Math.exp(-((n * protocol.pixel) ** 2) / (2 * sigma * sigma)));
    const total = weights[0]! + 2 * (weights[1]! + weights[2]!);
    return weights.map((weight) => weight / total);
  };
  const sharp = gaussian(protocol.blur);
  const wide = gaussian(2 * protocol.blur);
  const share = protocol.enhancement;
  const tap = (n: number) => (1 + share) * sharp[n]! - share * wide[n]!;
  return [tap(0), tap(1), tap(2)];
}

/** Noise of a filtered back-projection in HU: little power at low frequency, rolled off at the kernel's grain. */
function scannerNoise(protocol: Protocol, random: Random): NoiseTile {
  const white = whiteTile(random, PLANES, SIDE);
  const grain = protocol.grain / protocol.pixel;
  const tile = difference(smoothed(white, 0.75 * grain, 0), smoothed(white, 1.9 * grain, 0), 0.75);
  return { ...tile, values: tile.values.map((value) => value * protocol.noise) };
}

/** Mixes a slice with its neighbours and convolves it along x; the edge repeats. */
function blurAcross(
  below: Int16Array,
  here: Int16Array,
  above: Int16Array,
  columns: number,
  overlap: number,
  [w0, w1, w2]: readonly [number, number, number],
  target: Float32Array,
): void {
  const own = 1 - 2 * overlap;
  const row = new Float32Array(columns + 4); // two more at both ends
  for (let start = 0; start < here.length; start += columns) {
    for (let i = 0; i < columns; i++) {
      const at = start + i;
      row[i + 2] = own * here[at]! + overlap * (below[at]! + above[at]!);
    }
    row.fill(row[2]!, 0, 2);
    row.fill(row[columns + 1]!, columns + 2);
    for (let i = 0; i < columns; i++) {
      target[start + i] = w0 * row[i + 2]! + w1 * (row[i + 1]! + row[i + 3]!) + w2 * (row[i]! + row[i + 4]!);
    }
  }
}

/** Convolves along y, adds noise, and rounds to the HU that a scanner stores. */
function blurDown(
  source: Float32Array,
  columns: number,
  [w0, w1, w2]: readonly [number, number, number],
  noise: NoiseTile,
  place: { plane: number; row: number; column: number },
  target: Int16Array,
): void {
  const rows = source.length / columns;
  const row = (j: number) => Math.min(rows - 1, Math.max(0, j)) * columns;
  for (let j = 0; j < rows; j++) {
    const [up2, up1, at, down1, down2] = [row(j - 2), row(j - 1), row(j), row(j + 1), row(j + 2)] as const;
    const tile = (place.plane * SIDE + ((j + place.row) & (SIDE - 1))) * SIDE;
    for (let i = 0; i < columns; i++) {
      const clean =
        w0 * source[at + i]! +
        w1 * (source[up1 + i]! + source[down1 + i]!) +
        w2 * (source[up2 + i]! + source[down2 + i]!);
      // Fewer photons come through soft tissue: a third more noise there than in lung.
      const grain = (1 + 0.0004 * (clean + 850)) * noise.values[tile + ((i + place.column) & (SIDE - 1))]!;
      const value = clean + grain;
      // + 4096.5 and truncation round to nearest for all that is stored
      target[at + i] = value < -1024 ? -1024 : value > 3071 ? 3071 : ((value + 4096.5) | 0) - 4096;
    }
  }
}
