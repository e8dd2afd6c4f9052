import type { Irc, Volume, Xyz } from '../../volume';

/** Lung: air-like tissue that does not reach the edge of the slice, with the vessels in it. One byte a voxel, 1 inside. */
export interface LungMask {
  inside: Uint8Array;
  size: Irc;
}

const AIR_BELOW = -400;
/** Vessels up to about twice this wide, mm, are lung too. */
const CLOSING_MM = 5;
/** Smaller pieces of air are bowel, not lung. */
const SMALLEST_PART_ML = 200;

/**
 * The lungs of a real scan: voxels under −400 HU, in connected parts of at least 200 ml that do not touch the border of
 * a slice, closed by 5 mm so that vessels and small nodules belong to them. Windpipe and large bronchi belong to them too.
 */
export function segmentLungs({ hu, size, spacingXyz }: Volume): LungMask {
  const inside = new Uint8Array(hu.length);
  for (let i = 0; i < inside.length; i++) inside[i] = hu[i]! < AIR_BELOW ? 1 : 0;
  const voxelMl = (spacingXyz[0] * spacingXyz[1] * spacingXyz[2]) / 1000;
  keepLargeInnerParts(inside, size, SMALLEST_PART_ML / voxelMl);
  close(inside, size, spacingXyz);
  return { inside, size };
}

export function isLung({ inside, size }: LungMask, [slice, row, column]: Irc): boolean {
  if (slice < 0 || row < 0 || column < 0 || slice >= size[0] || row >= size[1] || column >= size[2]) return false;
  return inside[(slice * size[1] + row) * size[2] + column] === 1;
}

/** Flood fills each part (six neighbours) and clears those that are small or reach the border of a slice. */
function keepLargeInnerParts(inside: Uint8Array, [slices, rows, columns]: Irc, smallest: number): void {
  const SEEN = 2;
  const plane = rows * columns;
  // Lists the part that is being filled; nothing leaves it, so at the end it is the whole part.
  const part = new Int32Array(inside.length);
  const neighbours = new Int32Array(6);
  for (let seed = 0; seed < inside.length; seed++) {
    if (inside[seed] !== 1) continue;
    let found = 1;
    let touchesBorder = false;
    part[0] = seed;
    inside[seed] = SEEN;
    for (let next = 0; next < found; next++) {
      const at = part[next]!;
      const column = at % columns;
      const row = ((at - column) / columns) % rows;
      touchesBorder ||= row === 0 || column === 0 || row === rows - 1 || column === columns - 1;
      // A neighbour beyond the scan is the voxel itself, which is seen.
      neighbours[0] = column > 0 ? at - 1 : at;
      neighbours[1] = column < columns - 1 ? at + 1 : at;
      neighbours[2] = row > 0 ? at - columns : at;
      neighbours[3] = row < rows - 1 ? at + columns : at;
      neighbours[4] = at >= plane ? at - plane : at;
      neighbours[5] = at < (slices - 1) * plane ? at + plane : at;
      for (const neighbour of neighbours) {
        if (inside[neighbour] !== 1) continue;
        inside[neighbour] = SEEN;
        part[found++] = neighbour;
      }
    }
    if (touchesBorder || found < smallest) for (let i = 0; i < found; i++) inside[part[i]!] = 0;
  }
  for (let i = 0; i < inside.length; i++) inside[i] = inside[i] === SEEN ? 1 : 0;
}

/** Morphological closing with a box: grows by `CLOSING_MM` along each axis and shrinks back. */
function close(inside: Uint8Array, size: Irc, spacing: Xyz): void {
  const strides = [1, size[2], size[1] * size[2]] as const;
  const counts = [size[2], size[1], size[0]] as const;
  for (const value of [1, 0]) {
    for (const axis of [0, 1, 2] as const) {
      spread(inside, strides[axis], counts[axis], Math.round(CLOSING_MM / spacing[axis]), value);
    }
  }
}

/** Sets voxels within `reach` of one of this value along one axis. */
function spread(inside: Uint8Array, stride: number, count: number, reach: number, value: number): void {
  const line = new Uint8Array(count);
  for (let block = 0; block < inside.length; block += stride * count) {
    for (let start = block; start < block + stride; start++) {
      let holds = 0;
      for (let n = 0; n < count; n++) {
        line[n] = inside[start + n * stride]!;
        if (line[n] === value) holds++;
      }
      if (holds === 0 || holds === count) continue;
      for (let n = 0; n < count; n++) {
        if (line[n] !== value) continue;
        const last = Math.min(count - 1, n + reach);
        for (let m = Math.max(0, n - reach); m <= last; m++) inside[start + m * stride] = value;
      }
    }
  }
}
