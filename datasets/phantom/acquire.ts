import type { Random } from 'seeded-random';
import type { Grid } from './grid';
import { difference, smoothed, whiteTile, type NoiseTile } from './noise';
import type { Protocol } from './protocol';

const PLANES = 8;
const SIDE = 256;

/**
 * What the scanner does to the painted chest: blurs (and, with a sharp kernel, enhances) in the slice, lets
 * neighbouring slices overlap, and adds correlated noise. Works in place, slice by slice.
 */
export function acquire(grid: Grid, protocol: Protocol, random: Random): void {
  const { hu, slices, rows, columns } = grid;
  const kernel = reconstructionKernel(protocol);
  const noise = scannerNoise(protocol, random.fork('noise'));
  const size = rows * columns;
  const ring = [0, 1, 2].map(() => new Float32Array(size));
  const scratch = new Float32Array(columns);
  const blurred = (k: number) => ring[k % 3]!;
  const blur = (k: number) => {
    blurSlice(hu.subarray(k * size, (k + 1) * size), rows, columns, kernel, blurred(k), scratch);
  };
  blur(0);
  for (let k = 0; k < slices; k++) {
    if (k + 1 < slices) blur(k + 1);
    const here = blurred(k);
    const below = k > 0 ? blurred(k - 1) : here;
    const above = k + 1 < slices ? blurred(k + 1) : here;
    const place = { plane: random.integer(PLANES), y: random.integer(SIDE), x: random.integer(SIDE) };
    mixSlices(hu.subarray(k * size, (k + 1) * size), below, here, above, columns, protocol, noise, place);
  }
}

function mixSlices(
  target: Int16Array,
  below: Float32Array,
  here: Float32Array,
  above: Float32Array,
  columns: number,
  protocol: Protocol,
  noise: NoiseTile,
  place: { plane: number; y: number; x: number },
): void {
  const { overlap } = protocol;
  const own = 1 - 2 * overlap;
  const { values } = noise;
  const rows = target.length / columns;
  for (let j = 0; j < rows; j++) {
    const tile = (place.plane * SIDE + ((j + place.y) & (SIDE - 1))) * SIDE;
    const end = (j + 1) * columns;
    for (let index = j * columns, i = place.x; index < end; index++, i++) {
      const value =
        own * here[index]! +
        overlap * (below[index]! + above[index]!) +
        protocol.noise * values[tile + (i & (SIDE - 1))]!;
      target[index] = value < -1024 ? -1024 : value > 3071 ? 3071 : Math.round(value);
    }
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

/** Separable five-tap convolution of one slice; the edge repeats. */
function blurSlice(
  source: Int16Array,
  rows: number,
  columns: number,
  [w0, w1, w2]: readonly [number, number, number],
  target: Float32Array,
  row: Float32Array,
): void {
  // Along x: each source row is convolved once and scattered into the five target rows that see it.
  target.fill(0);
  const last = columns - 1;
  const weights = [w2, w1, w0, w1, w2];
  for (let j = 0; j < rows; j++) {
    const start = j * columns;
    for (let i = 2; i < last - 1; i++) {
      const at = start + i;
      row[i] = w0 * source[at]! + w1 * (source[at - 1]! + source[at + 1]!) + w2 * (source[at - 2]! + source[at + 2]!);
    }
    for (const i of [0, 1, last - 1, last]) row[i] = source[start + i]!;
    for (let tap = -2; tap <= 2; tap++) {
      const to = j + tap;
      if (to < 0 || to >= rows) continue;
      const weight = weights[tap + 2]!;
      const offset = to * columns;
      for (let i = 0; i < columns; i++) target[offset + i]! += weight * row[i]!;
    }
  }
  for (const j of [0, 1, rows - 2, rows - 1]) {
    for (let i = 0; i < columns; i++) target[j * columns + i] = source[j * columns + i]!;
  }
}

/** Noise of a filtered back-projection: little power at low frequency, rolled off at the kernel's grain. */
function scannerNoise(protocol: Protocol, random: Random): NoiseTile {
  const white = whiteTile(random, PLANES, SIDE);
  const grain = protocol.grain / protocol.pixel;
  return difference(smoothed(white, 0.75 * grain, 0), smoothed(white, 1.9 * grain, 0), 0.75);
}
