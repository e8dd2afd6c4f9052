import { type Irc, type Volume, type Xyz, xyzToIrc } from '../volume';
import { LUNA_PATCH, type PatchContract, voxelsOf } from './contract';
import { patchError } from './errors';
import { resampleAround } from './resample';

/**
 * Cuts the patch around a world position: `[slices, rows, columns]` HU as the contract asks, clipped to its range, its
 * padding beyond the scan.
 *
 * Without resampling these are the scan's own voxels, and the one nearest to the position stands in the middle
 * (at half the size along each axis, rounded down: (16, 24, 24) of LUNA16's patch). With `resampleMm` they are samples
 * that far apart along the scan's own axes, and the one in the middle lies at the position itself.
 *
 * @throws CodedError CANDIDATE_OUTSIDE_SCAN where the voxel nearest to the position is not in the scan.
 */
export function extractPatch(volume: Volume, centerXyz: Xyz, contract: PatchContract = LUNA_PATCH): Float32Array {
  const patch = new Float32Array(voxelsOf(contract));
  cutPatch(volume, centerXyz, patch, contract);
  return patch;
}

/** The same into memory of the caller's, float32 or int16 (rounded). `name` is what the error calls the candidate. */
export function cutPatch(
  volume: Volume,
  centerXyz: Xyz,
  patch: Float32Array | Int16Array,
  contract: PatchContract,
  name = 'the candidate',
): void {
  const place = xyzToIrc(centerXyz, volume);
  const center = nearestVoxel(place, volume.size, centerXyz, name);
  patch.fill(contract.padding);
  if (contract.resampleMm === null) copyAround(volume, center, patch, contract);
  else resampleAround(volume, place, patch, contract.resampleMm, contract);
}

function copyAround(
  { hu, size }: Volume,
  center: Irc,
  patch: Float32Array | Int16Array,
  { patchSize, clip: [lowest, highest], padding }: PatchContract,
): void {
  const [firstSlice, firstRow, firstColumn] = center.map((index, axis) => index - (patchSize[axis]! >> 1)) as [
    number,
    number,
    number,
  ];
  const [, rows, columns] = size;
  const whole = patch instanceof Int16Array && !(hu instanceof Int16Array);
  const columnsFrom = Math.max(0, -firstColumn);
  const columnsTo = Math.min(patchSize[2], columns - firstColumn);

  for (let slice = 0; slice < patchSize[0]; slice++) {
    const fromSlice = firstSlice + slice;
    if (fromSlice < 0 || fromSlice >= size[0]) continue;
    for (let row = 0; row < patchSize[1]; row++) {
      const fromRow = firstRow + row;
      if (fromRow < 0 || fromRow >= rows) continue;
      const from = (fromSlice * rows + fromRow) * columns + firstColumn;
      const to = (slice * patchSize[1] + row) * patchSize[2];
      for (let column = columnsFrom; column < columnsTo; column++) {
        const value = hu[from + column]!;
        // Not a number compares false three times, and so counts as beyond the scan.
        const clipped = value > highest ? highest : value >= lowest ? value : value < lowest ? lowest : padding;
        patch[to + column] = whole ? Math.round(clipped) : clipped;
      }
    }
  }
}

function nearestVoxel(place: Irc, size: Irc, centerXyz: Xyz, name: string): Irc {
  const irc = place.map((index) => Math.floor(index + 0.5)) as [number, number, number];
  if (irc.every((index, axis) => index >= 0 && index < size[axis]!)) return irc;
  throw patchError('CANDIDATE_OUTSIDE_SCAN', {
    name,
    xyz: `(${centerXyz.join(', ')})`,
    irc: `(${irc.join(', ')})`,
    size: size.join(' × '),
  });
}
