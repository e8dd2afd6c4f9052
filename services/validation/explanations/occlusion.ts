import type { Signature } from 'model-bundle';
import { askInBatches, type ModelPool } from '../scoring';

type Size = readonly [slices: number, rows: number, columns: number];

/** Blocks of one patch that are covered one after the other, along its middle slices. */
export interface OcclusionGrid {
  /** Voxels of a block. */
  block: [number, number, number];
  /** Voxels from a block to the next. */
  stride: [number, number, number];
  /** First slice of every block. */
  slice: number;
  /** First row and first column of the blocks, `[gridRows]` and `[gridColumns]`; the middle ones lie in the centre. */
  rows: number[];
  columns: number[];
}

/** A tissue that lungs are full of: aerated parenchyma. */
export const LUNG_HU = -850;
const BLOCK_VOXELS = 8;
const BATCH_SIZE = 8;

/** Cubes of eight voxels, overlapping by a quarter, one of them exactly in the centre; smaller ones in smaller patches. */
export function occlusionGrid(patchSize: Size): OcclusionGrid {
  const block = patchSize.map((size) => Math.max(1, Math.min(BLOCK_VOXELS, size >> 1))) as [number, number, number];
  const stride = block.map((size) => Math.max(1, (3 * size) >> 2)) as [number, number, number];
  const starts = (axis: number) => {
    const centre = (patchSize[axis]! - block[axis]!) >> 1;
    const eachSide = Math.floor(centre / stride[axis]!);
    return Array.from({ length: 2 * eachSide + 1 }, (_, k) => centre + (k - eachSide) * stride[axis]!);
  };
  return { block, stride, slice: (patchSize[0] - block[0]) >> 1, rows: starts(1), columns: starts(2) };
}

/** How one patch's answer changes as its parts are covered. */
export interface Saliency {
  /** Fall of the positive class's log-odds as each block is covered, `[gridRows × gridColumns]`. */
  logOddsDrop: Float64Array;
  /** Fall of its probability as the centre is covered. */
  dropAtCentre: number;
}

/**
 * Occlusion sensitivity (Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks", section 4.2):
 * blocks of the patch are covered with lung and the patch is scored anew. In log-odds, because the probability of a
 * clear case hardly moves whatever is covered.
 */
export async function occlude(
  pool: ModelPool,
  signature: Signature,
  patch: Int16Array,
  grid: OcclusionGrid,
): Promise<Saliency> {
  const size = signature.preprocessing.patchSize;
  const fill = Math.max(signature.preprocessing.clip[0], LUNG_HU);
  const places = grid.rows.flatMap((row) => grid.columns.map((column) => [row, column] as const));
  const patches = new Int16Array((places.length + 1) * patch.length);
  patches.set(patch);
  for (const [i, [row, column]] of places.entries()) {
    const covered = patches.subarray((i + 1) * patch.length, (i + 2) * patch.length);
    covered.set(patch);
    cover(covered, size, [grid.slice, row, column], grid.block, fill);
  }
  const answers = await askInBatches(pool, patches, { count: places.length + 1, batch: BATCH_SIZE });
  const labels = signature.labels.length;
  const positive = signature.labels.indexOf(signature.positiveLabel);
  const rowOf = (i: number) => answers.subarray(i * labels, (i + 1) * labels);
  const whole = logOdds(rowOf(0), positive);
  const centre = (grid.rows.length >> 1) * grid.columns.length + (grid.columns.length >> 1);
  return {
    logOddsDrop: Float64Array.from(places, (_, i) => whole - logOdds(rowOf(i + 1), positive)),
    dropAtCentre: rowOf(0)[positive]! - rowOf(centre + 1)[positive]!,
  };
}

function cover(patch: Int16Array, [, rows, columns]: Size, start: Size, block: Size, fill: number): void {
  for (let s = start[0]; s < start[0] + block[0]; s++) {
    for (let r = start[1]; r < start[1] + block[1]; r++) {
      const at = (s * rows + r) * columns + start[2];
      patch.fill(fill, at, at + block[2]);
    }
  }
}

/** The smallest float32 above 0: what a softmax that underflowed stands for. */
const LEAST = 2 ** -149;

/** ln(p / (1 − p)), from the probabilities of all classes: next to 1, only those of the others are exact. */
function logOdds(probabilities: Float32Array, positive: number): number {
  const others = probabilities.reduce((sum, p, label) => (label === positive ? sum : sum + p), 0);
  return Math.log(Math.max(LEAST, probabilities[positive]!)) - Math.log(Math.max(LEAST, others));
}
