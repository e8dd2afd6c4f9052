import type { Xyz } from './geometry';
import type { Protocol } from './protocol';

/** The voxels of one scan while it is painted: HU, slices × rows × columns, and where they lie in the patient. */
export interface Grid {
  hu: Int16Array;
  slices: number;
  rows: number;
  columns: number;
  /** mm, of the patient's own frame (middle of the chest), x, y, z. */
  spacing: Xyz;
  origin: Xyz;
}

/** The square field of view of a patient of average size, mm, and the length of the scan, mm. */
const FIELD_OF_VIEW = 190;
export const SCAN_LENGTH = 160;

export const fieldOfView = ({ size }: { size: number }): number => FIELD_OF_VIEW * size;

/** Where the voxels of a scan lie: `field` mm of its slices around `middle`. */
export function gridOf(protocol: Protocol, field: number, middle: Xyz): Omit<Grid, 'hu'> {
  // Whole tenths of a micrometre, so that a table and a header give the same digits.
  const pixel = Math.round(protocol.pixel * 1e4) / 1e4;
  const columns = Math.round(field / pixel / 2) * 2;
  const slices = Math.round(SCAN_LENGTH / protocol.slice);
  return {
    slices,
    rows: columns,
    columns,
    spacing: [pixel, pixel, protocol.slice],
    origin: [
      middle[0] - ((columns - 1) / 2) * pixel,
      middle[1] - ((columns - 1) / 2) * pixel,
      middle[2] - ((slices - 1) / 2) * protocol.slice,
    ],
  };
}

/** A scan of nothing, 0 HU everywhere. */
export function emptyGrid(protocol: Protocol, field: number, middle: Xyz): Grid {
  const grid = gridOf(protocol, field, middle);
  return { hu: new Int16Array(grid.slices * grid.rows * grid.columns), ...grid };
}

/** The voxels whose middles lie in a box of the patient's frame, cut to the grid: `[first, last]` per axis x, y, z. */
export function voxelBox(grid: Grid, low: Xyz, high: Xyz): readonly [Xyz, Xyz] {
  const first = (axis: 0 | 1 | 2) => Math.max(0, Math.ceil((low[axis] - grid.origin[axis]) / grid.spacing[axis]));
  const last = (axis: 0 | 1 | 2, size: number) =>
    Math.min(size - 1, Math.floor((high[axis] - grid.origin[axis]) / grid.spacing[axis]));
  return [
    [first(0), first(1), first(2)],
    [last(0, grid.columns), last(1, grid.rows), last(2, grid.slices)],
  ];
}
