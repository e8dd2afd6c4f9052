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
  const UNSEEN = 1;
  const SEEN = 2;
  const stack = new Int32Array(inside.length);
  const plane = rows * columns;
  for (let seed = 0; seed < inside.length; seed++) {
    if (inside[seed] !== UNSEEN) continue;
    let found = 0;
    let touchesBorder = false;
    // The stack never shrinks: at the end it lists the whole part.
    stack[found++] = seed;
    inside[seed] = SEEN;
    for (let next = 0; next < found; next++) {
      const at = stack[next]!;
      const slice = Math.floor(at / plane);
      const row = Math.floor((at - slice * plane) / columns);
      const column = at - slice * plane - row * columns;
      if (row === 0 || column === 0 || row === rows - 1 || column === columns - 1) touchesBorder = true;
      const visit = (neighbour: number) => {
        if (inside[neighbour] !== UNSEEN) return;
        inside[neighbour] = SEEN;
        stack[found++] = neighbour;
      };
      if (column > 0) visit(at - 1);
      if (column < columns - 1) visit(at + 1);
      if (row > 0) visit(at - columns);
      if (row < rows - 1) visit(at + columns);
      if (slice > 0) visit(at - plane);
      if (slice < slices - 1) visit(at + plane);
    }
    if (touchesBorder || found < smallest) for (let i = 0; i < found; i++) inside[stack[i]!] = 0;
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
  for (let start = 0; start < inside.length; start++) {
    if (Math.floor(start / stride) % count !== 0) continue; // not the first of its line
    let last = -Infinity;
    const ahead = new Int32Array(count); // distance to the next voxel of this value
    for (let n = count - 1, next = Infinity; n >= 0; n--) {
      if (inside[start + n * stride] === value) next = n;
      ahead[n] = next === Infinity ? count : next - n;
    }
    for (let n = 0; n < count; n++) {
      const at = start + n * stride;
      if (inside[at] === value) last = n;
      else if (n - last <= reach || ahead[n]! <= reach) inside[at] = value;
    }
  }
}
