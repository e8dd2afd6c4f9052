/** World position in millimetres, LPS as in LUNA16's csv files: x, y, z. */
export type Xyz = readonly [number, number, number];

/** Voxel position: slice, row, column. Whole numbers are voxel centres. */
export type Irc = readonly [number, number, number];

/** The first of these three that holds every value of a scan exactly. */
export type Voxels = Int16Array | Float32Array | Float64Array;

/** A scan in memory, whatever file it came from. */
export interface Volume {
  /** Hounsfield units, columns fastest: `hu[(slice * rows + row) * columns + column]`. */
  hu: Voxels;
  /** Slices, rows, columns. */
  size: Irc;
  /** Millimetres between voxels along columns, rows, slices. */
  spacingXyz: Xyz;
  /** World position of voxel (0, 0, 0). */
  originXyz: Xyz;
  /**
   * MetaImage's TransformMatrix, nine numbers: the first three are the world direction of a step along the columns,
   * the next three along the rows, the last three along the slices. (ITK's `GetDirection` is its transpose.)
   */
  direction: readonly number[];
}

/** What places voxels in the world. */
export type Geometry = Pick<Volume, 'size' | 'spacingXyz' | 'originXyz' | 'direction'>;

export const IDENTITY_DIRECTION: readonly number[] = [1, 0, 0, 0, 1, 0, 0, 0, 1];
