import { cutPatch, type Irc, type PatchContract, type Volume } from '../../../datasets';

/**
 * The part of a scan around a candidate: all that its patch is made of, and what a probe looks at beyond. Probes change
 * it voxel by voxel, as another scanner would have stored it; only then is the patch cut as the bundle's contract says.
 */
export interface Block {
  /** `[slices, rows, columns]`. Not a number: beyond the scan, where the contract's padding stands. */
  hu: Float32Array;
  size: Irc;
  /** Millimetres between slices, rows, columns. */
  spacing: Irc;
  /** The candidate, in voxels of the block; fractional where the contract resamples. */
  place: Irc;
  /** The voxels that the patch is cut from, without `reach`: from (included) and to (excluded). */
  core: { from: Irc; to: Irc };
}

/** Millimetres along slices, rows, columns. */
export interface PatchExtent {
  /** From the candidate to the farthest voxel of the patch. */
  half: Irc;
  /** Between voxels of the patch. */
  step: Irc;
}

type Triple = [number, number, number];

/** How far the patch of a contract goes in a scan. */
export function extentOf(
  { patchSize, resampleMm }: PatchContract,
  { spacingXyz }: Pick<Volume, 'spacingXyz'>,
): PatchExtent {
  const step = [2, 1, 0].map((axis) => resampleMm ?? spacingXyz[axis]!) as Triple;
  return { step, half: step.map((mm, axis) => (mm * patchSize[axis]!) / 2) as Triple };
}

/**
 * Cuts the block around a candidate that lies at the fractional voxel `place`, with `reach` more voxels on both sides of
 * each axis, as far as the scan goes.
 */
export function cutBlock(volume: Volume, place: Irc, contract: PatchContract, reach: Irc): Block {
  const { size, spacingXyz } = volume;
  const spacing: Irc = [spacingXyz[2], spacingXyz[1], spacingXyz[0]];
  // Without resampling a patch is cut around the nearest voxel; all that moves it, moves it from there.
  const middle =
    contract.resampleMm === null ? (place.map((index) => Math.floor(index + 0.5)) as Triple) : ([...place] as Triple);
  const along = ([0, 1, 2] as const).map((axis) => {
    const { patchSize, resampleMm } = contract;
    const before = patchSize[axis] >> 1;
    const step = resampleMm === null ? 1 : resampleMm / spacing[axis];
    // A sample between voxels needs the one on either side.
    const room = resampleMm === null ? 0 : 1;
    const coreFrom = Math.floor(middle[axis] - before * step) - room;
    const coreTo = Math.ceil(middle[axis] + (patchSize[axis] - 1 - before) * step) + room + 1;
    const inScan = (index: number) => Math.min(Math.max(index, 0), size[axis]);
    const from = inScan(coreFrom - reach[axis]);
    return {
      from,
      to: inScan(coreTo + reach[axis]),
      place: middle[axis] - from,
      coreFrom: inScan(coreFrom) - from,
      coreTo: inScan(coreTo) - from,
    };
  });
  const each = (pick: (axis: (typeof along)[number]) => number) => along.map(pick) as Triple;
  const from = each((axis) => axis.from);
  const blockSize = each((axis) => axis.to - axis.from);
  return {
    hu: copyOut(volume, from, blockSize),
    size: blockSize,
    spacing,
    place: each((axis) => axis.place),
    core: { from: each((axis) => axis.coreFrom), to: each((axis) => axis.coreTo) },
  };
}

/** The patch of a block, as training and serving cut it from a scan. */
export function cutFromBlock(block: Block, contract: PatchContract, patch: Int16Array): void {
  if (contract.resampleMm === null) {
    copyVoxels(block, contract, patch);
    return;
  }
  const { hu, size, spacing, place } = block;
  const volume: Volume = {
    hu,
    size,
    spacingXyz: [spacing[2], spacing[1], spacing[0]],
    originXyz: [0, 0, 0],
    direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  };
  cutPatch(volume, [place[2] * spacing[2], place[1] * spacing[1], place[0] * spacing[0]], patch, contract);
}

/** What `cutPatch` does without resampling, for float32 voxels only: it sees every type, and takes three times as long. */
function copyVoxels({ hu, size, place }: Block, { patchSize, clip, padding }: PatchContract, patch: Int16Array): void {
  const [lowest, highest] = clip;
  const [slices, rows, columns] = patchSize;
  const first = place.map((index, axis) => Math.floor(index + 0.5) - (patchSize[axis]! >> 1)) as Triple;
  const [firstColumn, endColumn] = [Math.max(0, -first[2]), Math.min(columns, size[2] - first[2])];
  patch.fill(padding);
  for (let slice = Math.max(0, -first[0]); slice < Math.min(slices, size[0] - first[0]); slice++) {
    for (let row = Math.max(0, -first[1]); row < Math.min(rows, size[1] - first[1]); row++) {
      const from = ((first[0] + slice) * size[1] + first[1] + row) * size[2] + first[2];
      const to = (slice * rows + row) * columns;
      for (let column = firstColumn; column < endColumn; column++) {
        const value = hu[from + column]!;
        // Not a number compares false three times, and so counts as beyond the scan.
        const clipped = value > highest ? highest : value >= lowest ? value : value < lowest ? lowest : padding;
        // Rounded as Math.round does it: what is clipped lies within 16 bits.
        patch[to + column] = ((clipped + 32768.5) | 0) - 32768;
      }
    }
  }
}

function copyOut(volume: Volume, from: Irc, blockSize: Irc): Float32Array {
  const { hu } = volume;
  // The voxels of nearly every scan, by a loop that only sees them.
  return hu instanceof Int16Array ? copyShorts(hu, volume, from, blockSize) : copyFloats(hu, volume, from, blockSize);
}

function copyShorts(hu: Int16Array, { size }: Volume, from: Irc, [slices, rows, columns]: Irc): Float32Array {
  const block = new Float32Array(slices * rows * columns);
  for (let s = 0, to = 0; s < slices; s++) {
    for (let r = 0; r < rows; r++) {
      const start = ((from[0] + s) * size[1] + from[1] + r) * size[2] + from[2];
      for (let at = start; at < start + columns; at++) block[to++] = hu[at]!;
    }
  }
  return block;
}

function copyFloats(
  hu: Float32Array | Float64Array,
  { size }: Volume,
  from: Irc,
  [slices, rows, columns]: Irc,
): Float32Array {
  const block = new Float32Array(slices * rows * columns);
  for (let s = 0; s < slices; s++) {
    for (let r = 0; r < rows; r++) {
      const start = ((from[0] + s) * size[1] + from[1] + r) * size[2] + from[2];
      block.set(hu.subarray(start, start + columns), (s * rows + r) * columns);
    }
  }
  return block;
}
