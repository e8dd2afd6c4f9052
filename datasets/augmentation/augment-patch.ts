import { type Random, seededRandom } from 'seeded-random';
import { LUNA_PATCH } from '../patches';

/**
 * How a training patch is varied. The meanings are those of *Deep Learning with PyTorch* (Stevens, Antiga, Viehmann,
 * chapter 12), so that its figures can be compared.
 */
export interface AugmentationConfig {
  /** Mirrors along each axis with probability ½. */
  flip: boolean;
  /** Shifts along each axis by up to this share of half the patch. */
  shift: number;
  /** Scales each axis by up to 1 ± this. */
  scale: number;
  /** Turns in the plane of the slice: true by any angle, a number by up to that many degrees to either side. */
  rotate: boolean | number;
  /** Standard deviation of normal noise, HU. */
  noise: number;
}

/** Where a voxel of the result is taken from, both counted from the middle of the patch, in voxels. */
export interface PatchTransform {
  /** Scale of slices, and where the middle comes from. */
  slice: { scale: number; shift: number };
  /** `row' = rr · row + rc · column + shift`, and the same for the column. */
  plane: { rr: number; rc: number; cr: number; cc: number; rowShift: number; columnShift: number };
}

/**
 * Varies one patch: one trilinear resampling through one affine map, −1000 beyond the patch, then noise.
 *
 * @param source 73,728 HU; @param target as many, float32.
 * @param random decides everything; how many numbers the map takes from it does not depend on the config.
 */
export function augmentPatch(
  source: Int16Array | Float32Array,
  target: Float32Array,
  config: AugmentationConfig,
  random: Random,
): void {
  resamplePatch(source, target, drawTransform(config, random));
  if (config.noise > 0) addNoise(target, config.noise, random);
}

export function drawTransform(config: AugmentationConfig, random: Random): PatchTransform {
  const axis = (length: number) => {
    const mirrored = random.uniform() > 0.5 && config.flip ? -1 : 1;
    const shift = config.shift * symmetric(random) * (length / 2);
    return { scale: mirrored * (1 + config.scale * symmetric(random)), shift };
  };
  const [slice, row, column] = LUNA_PATCH.patchSize.map(axis) as [
    PatchTransform['slice'],
    PatchTransform['slice'],
    PatchTransform['slice'],
  ];
  const limit = config.rotate === true ? Math.PI : config.rotate === false ? 0 : (config.rotate * Math.PI) / 180;
  const angle = limit * symmetric(random);
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  return {
    slice,
    plane: {
      rr: row.scale * cos,
      rc: row.scale * sin,
      cr: -column.scale * sin,
      cc: column.scale * cos,
      rowShift: row.shift,
      columnShift: column.shift,
    },
  };
}

const [SLICES, ROWS, COLUMNS] = LUNA_PATCH.patchSize;
const PLANE = ROWS * COLUMNS;
/** A slice with one voxel of padding on each side. */
const FRAMED_COLUMNS = COLUMNS + 2;
const framed = new Float32Array((ROWS + 2) * FRAMED_COLUMNS);
const corner = new Int32Array(PLANE);
const rowWeight = new Float64Array(PLANE);
const columnWeight = new Float64Array(PLANE);

/**
 * The map keeps slices parallel, so the trilinear sum is done as one blend of two slices and then four taps in the plane,
 * whose places and weights are the same for every slice.
 */
export function resamplePatch(
  source: Int16Array | Float32Array,
  target: Float32Array,
  { slice, plane }: PatchTransform,
): void {
  placeTaps(plane);
  framed.fill(LUNA_PATCH.padding);
  const middle = (SLICES - 1) / 2;
  for (let s = 0; s < SLICES; s++) {
    const at = clamp((s - middle) * slice.scale + middle + slice.shift, -1, SLICES);
    const below = Math.min(Math.floor(at), SLICES - 1);
    blendSlices(source, below, at - below);
    const start = s * PLANE;
    for (let i = 0; i < PLANE; i++) {
      const tap = corner[i]!;
      const byColumn = columnWeight[i]!;
      const upper = framed[tap]! + (framed[tap + 1]! - framed[tap]!) * byColumn;
      const next = tap + FRAMED_COLUMNS;
      const lower = framed[next]! + (framed[next + 1]! - framed[next]!) * byColumn;
      target[start + i] = upper + (lower - upper) * rowWeight[i]!;
    }
  }
}

/** For each voxel of a slice: the first of its four taps in the framed slice, and the weights towards the others. */
function placeTaps({ rr, rc, cr, cc, rowShift, columnShift }: PatchTransform['plane']): void {
  const middleRow = (ROWS - 1) / 2;
  const middleColumn = (COLUMNS - 1) / 2;
  for (let row = 0, i = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++, i++) {
      const y = row - middleRow;
      const x = column - middleColumn;
      const atRow = clamp(rr * y + rc * x + middleRow + rowShift, -1, ROWS);
      const atColumn = clamp(cr * y + cc * x + middleColumn + columnShift, -1, COLUMNS);
      const firstRow = Math.min(Math.floor(atRow), ROWS - 1);
      const firstColumn = Math.min(Math.floor(atColumn), COLUMNS - 1);
      corner[i] = (firstRow + 1) * FRAMED_COLUMNS + firstColumn + 1;
      rowWeight[i] = atRow - firstRow;
      columnWeight[i] = atColumn - firstColumn;
    }
  }
}

/** Blends slice `below` and the one above it into the framed slice; slices outside are padding. */
function blendSlices(source: Int16Array | Float32Array, below: number, weight: number): void {
  const { padding } = LUNA_PATCH;
  const hasBelow = below >= 0;
  const hasAbove = below + 1 < SLICES;
  for (let row = 0; row < ROWS; row++) {
    const from = below * PLANE + row * COLUMNS;
    const to = (row + 1) * FRAMED_COLUMNS + 1;
    for (let column = 0; column < COLUMNS; column++) {
      const low = hasBelow ? source[from + column]! : padding;
      const high = hasAbove ? source[from + PLANE + column]! : padding;
      framed[to + column] = low + (high - low) * weight;
    }
  }
}

/** 65,536 normal numbers that noise is drawn from: a draw costs a look-up instead of a logarithm and a cosine. */
let normals: Float32Array | undefined;

function addNoise(patch: Float32Array, deviation: number, random: Random): void {
  const table = (normals ??= Float32Array.from({ length: 65536 }, seededRandom('noise').normal));
  // Marsaglia's xorshift32 in place: a call for each voxel would take longer than the resampling.
  let word = random.integer(2 ** 32) | 1;
  for (let i = 0; i < patch.length; i++) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    patch[i] = patch[i]! + deviation * table[word >>> 16]!;
  }
}

function symmetric(random: Random): number {
  return random.uniform() * 2 - 1;
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
