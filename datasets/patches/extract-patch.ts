import { type Irc, type Volume, type Xyz, xyzToIrc } from '../volume';
import { patchError } from './errors';

/** Slices, rows, columns of a patch. */
export const PATCH_SIZE: Irc = [32, 48, 48];
export const PATCH_VOXELS = 32 * 48 * 48;

/** What a patch is: the part of a model's signature that this module makes true. */
export const PATCH_CONTRACT = {
  patchSize: [32, 48, 48],
  unit: 'HU',
  clip: [-1000, 1000],
  padding: -1000,
  resampleMm: null,
} as const;

/**
 * Cuts the voxels around a world position: `[32, 48, 48]` HU, clipped to [-1000, 1000], −1000 beyond the scan.
 * The voxel nearest to the position stands at (16, 24, 24) of the patch.
 *
 * @throws CodedError CANDIDATE_OUTSIDE_SCAN where that voxel is not in the scan.
 */
export function extractPatch(volume: Volume, centerXyz: Xyz): Float32Array {
  const patch = new Float32Array(PATCH_VOXELS);
  cutPatch(volume, centerXyz, patch);
  return patch;
}

/** The same into 73,728 places of the caller's, float32 or int16 (rounded). `name` is what the error calls the candidate. */
export function cutPatch(
  volume: Volume,
  centerXyz: Xyz,
  patch: Float32Array | Int16Array,
  name = 'the candidate',
): void {
  const { hu, size } = volume;
  const center = centerVoxel(volume, centerXyz, name);
  const [firstSlice, firstRow, firstColumn] = center.map((index, axis) => index - PATCH_SIZE[axis]! / 2) as [
    number,
    number,
    number,
  ];
  const [, rows, columns] = size;
  const whole = patch instanceof Int16Array && hu instanceof Float32Array;
  const columnsFrom = Math.max(0, -firstColumn);
  const columnsTo = Math.min(PATCH_SIZE[2], columns - firstColumn);

  patch.fill(PATCH_CONTRACT.padding);
  for (let slice = 0; slice < PATCH_SIZE[0]; slice++) {
    const fromSlice = firstSlice + slice;
    if (fromSlice < 0 || fromSlice >= size[0]) continue;
    for (let row = 0; row < PATCH_SIZE[1]; row++) {
      const fromRow = firstRow + row;
      if (fromRow < 0 || fromRow >= rows) continue;
      const from = (fromSlice * rows + fromRow) * columns + firstColumn;
      const to = (slice * PATCH_SIZE[1] + row) * PATCH_SIZE[2];
      for (let column = columnsFrom; column < columnsTo; column++) {
        const value = hu[from + column]!;
        // Not a number compares false both times, and so counts as beyond the scan.
        const clipped = value > 1000 ? 1000 : value > -1000 ? value : -1000;
        patch[to + column] = whole ? Math.round(clipped) : clipped;
      }
    }
  }
}

function centerVoxel(volume: Volume, centerXyz: Xyz, name: string): Irc {
  const irc = xyzToIrc(centerXyz, volume).map((index) => Math.floor(index + 0.5)) as [number, number, number];
  if (irc.every((index, axis) => index >= 0 && index < volume.size[axis]!)) return irc;
  throw patchError('CANDIDATE_OUTSIDE_SCAN', {
    name,
    xyz: `(${centerXyz.join(', ')})`,
    irc: `(${irc.join(', ')})`,
    size: volume.size.join(' × '),
  });
}
