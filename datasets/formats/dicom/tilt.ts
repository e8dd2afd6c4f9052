import { type Geometry, type Volume, type Voxels, ircToXyz } from '../../volume';

/** Shift of each slice in its plane against the one before, mm along columns and along rows. */
export type Shear = readonly [alongColumns: number, alongRows: number];

/** Degrees between the way from slice to slice and the slices' normal. */
export function tiltDegrees(shear: Shear, spacing: number): number {
  return (Math.atan2(Math.hypot(...shear), spacing) * 180) / Math.PI;
}

/** Where a sheared stack lies once its slices are moved above one another: wide enough that nothing is cut off. */
export function levelGeometry(geometry: Geometry, shear: Shear): Geometry {
  const { size, spacingXyz } = geometry;
  const [columns, rows] = shear.map((step, axis) => marginOf(step, spacingXyz[axis]!, size[0]));
  return {
    ...geometry,
    size: [size[0], size[1] + rows!.before + rows!.after, size[2] + columns!.before + columns!.after],
    originXyz: ircToXyz([0, -rows!.before, -columns!.before], geometry),
  };
}

/** Whole pixels that the slices stick out before and after the first slice. */
function marginOf(step: number, pixel: number, slices: number): { before: number; after: number } {
  const reach = Math.ceil(Math.abs((step * (slices - 1)) / pixel) - 1e-6);
  return step < 0 ? { before: reach, after: 0 } : { before: 0, after: reach };
}

/**
 * Moves the slices of a tilted gantry above one another, each by linear interpolation in its plane. The first slice keeps
 * its values; whole numbers stay whole.
 *
 * @param fill value beyond a slice
 */
export function levelSlices(tilted: Volume, shear: Shear, fill: number): Volume {
  const geometry = levelGeometry(tilted, shear);
  const [slices, rows, columns] = geometry.size;
  const [, inRows, inColumns] = tilted.size;
  const hu = new (tilted.hu.constructor as new (length: number) => Voxels)(slices * rows * columns).fill(fill);
  const isWhole = hu instanceof Int16Array;
  const startColumn = marginOf(shear[0], tilted.spacingXyz[0], slices).before;
  const startRow = marginOf(shear[1], tilted.spacingXyz[1], slices).before;
  for (let slice = 0; slice < slices; slice++) {
    const from = tilted.hu.subarray(slice * inRows * inColumns, (slice + 1) * inRows * inColumns);
    const shiftC = startColumn + (slice * shear[0]) / tilted.spacingXyz[0];
    const shiftR = startRow + (slice * shear[1]) / tilted.spacingXyz[1];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const value = sample(from, inRows, inColumns, row - shiftR, column - shiftC);
        if (value !== undefined) hu[(slice * rows + row) * columns + column] = isWhole ? Math.round(value) : value;
      }
    }
  }
  return { ...geometry, hu };
}

/** Bilinear; undefined beyond the outermost pixel centres. */
function sample(plane: Voxels, rows: number, columns: number, row: number, column: number): number | undefined {
  const r = nearWhole(row);
  const c = nearWhole(column);
  if (r < 0 || c < 0 || r > rows - 1 || c > columns - 1) return undefined;
  const r0 = Math.floor(r);
  const c0 = Math.floor(c);
  const r1 = Math.min(r0 + 1, rows - 1);
  const c1 = Math.min(c0 + 1, columns - 1);
  const along = (line: number) => {
    const left = plane[line * columns + c0]!;
    return left + (c - c0) * (plane[line * columns + c1]! - left);
  };
  const top = along(r0);
  return top + (r - r0) * (along(r1) - top);
}

/** A shift by whole pixels copies them, whatever the rounding of positions. */
function nearWhole(value: number): number {
  const whole = Math.round(value);
  return Math.abs(value - whole) < 1e-6 ? whole : value;
}
