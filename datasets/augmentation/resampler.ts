import type { Irc } from '../volume';
import type { Affine } from './affine';

/** Samples a patch through an affine map. */
export type Resampler = (source: Int16Array | Float32Array, target: Float32Array, affine: Affine) => void;

/** Voxels of padding around the source. One is what trilinear taps reach; the other is room for rounding. */
const FRAME = 2;

/**
 * Makes a sampler of patches of one size: trilinear over eight voxels, `padding` beyond the patch (blended with it over
 * the voxel at its edge, as `grid_constant` of scipy.ndimage does). It keeps its working memory, so it is for one thread.
 */
export function createResampler([slices, rows, columns]: Irc, padding: number): Resampler {
  const framedColumns = columns + 2 * FRAME;
  const framedPlane = (rows + 2 * FRAME) * framedColumns;
  const framed = new Float32Array((slices + 2 * FRAME) * framedPlane).fill(padding);

  /** Copies the source into the middle of its frame. */
  function surround(source: Int16Array | Float32Array): void {
    for (let slice = 0, from = 0; slice < slices; slice++) {
      for (let row = 0; row < rows; row++, from += columns) {
        const to = (slice + FRAME) * framedPlane + (row + FRAME) * framedColumns + FRAME;
        for (let column = 0; column < columns; column++) framed[to + column] = source[from + column]!;
      }
    }
  }

  /** Voxels `first` … `end − 1` of a row of the result that begins at `at`; (z, y, x) is where its first is taken from. */
  function sampleRow(
    target: Float32Array,
    at: number,
    [first, end]: readonly [number, number],
    [z, y, x]: Place,
    [dz, dy, dx]: Place,
  ): void {
    for (let column = first; column < end; column++) {
      // Places in the frame are above zero, where cutting off the fraction is rounding down, and fast.
      const placeZ = z + column * dz + FRAME;
      const placeY = y + column * dy + FRAME;
      const placeX = x + column * dx + FRAME;
      const wholeZ = placeZ | 0;
      const wholeY = placeY | 0;
      const wholeX = placeX | 0;
      const byColumn = placeX - wholeX;
      const a = wholeZ * framedPlane + wholeY * framedColumns + wholeX;
      const b = a + framedColumns;
      const c = a + framedPlane;
      const d = c + framedColumns;
      const upper = framed[a]! + (framed[a + 1]! - framed[a]!) * byColumn;
      const lower = framed[b]! + (framed[b + 1]! - framed[b]!) * byColumn;
      const upperNext = framed[c]! + (framed[c + 1]! - framed[c]!) * byColumn;
      const lowerNext = framed[d]! + (framed[d + 1]! - framed[d]!) * byColumn;
      const near = upper + (lower - upper) * (placeY - wholeY);
      const far = upperNext + (lowerNext - upperNext) * (placeY - wholeY);
      target[at + column] = near + (far - near) * (placeZ - wholeZ);
    }
  }

  return (source, target, affine) => {
    surround(source);
    target.fill(padding);
    const step: Place = [affine[2]!, affine[6]!, affine[10]!];
    const along = (axis: 0 | 4 | 8, slice: number, row: number) =>
      affine[axis]! * slice + affine[axis + 1]! * row + affine[axis + 3]!;
    for (let slice = 0, at = 0; slice < slices; slice++) {
      for (let row = 0; row < rows; row++, at += columns) {
        const start: Place = [along(0, slice, row), along(4, slice, row), along(8, slice, row)];
        sampleRow(target, at, inside(start, step, [slices, rows, columns]), start, step);
      }
    }
  };
}

type Place = readonly [number, number, number];

/** The columns of a row whose places lie within a voxel of the source: from the first up to, but not with, the second. */
function inside(start: Place, step: Place, size: Irc): [number, number] {
  let first = 0;
  let last = size[2] - 1;
  for (let axis = 0; axis < 3; axis++) {
    const [from, by] = [start[axis]!, step[axis]!];
    const low = -1 - from;
    const high = size[axis]! - from;
    if (by === 0) {
      if (low > 0 || high < 0) return [0, 0];
    } else {
      first = Math.max(first, Math.min(low / by, high / by));
      last = Math.min(last, Math.max(low / by, high / by));
    }
  }
  return [Math.ceil(first), Math.floor(last) + 1];
}
