import { encodeRgbPng } from '../../../datasets';
import type { OcclusionGrid } from './occlusion';

/** Pixels a voxel, so that a contour is thin beside what it surrounds. */
const ZOOM = 4;
/** As the other slices of the report. */
const WINDOW_HU = { from: -1000, to: 200 };
/** Changes of the log-odds below this are not drawn, so that a patch in which nothing matters shows nothing. */
const LEAST_CHANGE = 0.1;
/** Contours, in parts of the largest change. */
const LEVELS = [1 / 3, 2 / 3];
/** Of the tint where the change is largest. */
const OPACITY = 0.45;
const FALLS = [255, 150, 0] as const;
const RISES = [40, 130, 255] as const;

/**
 * The middle slice of a patch with the change of its log-odds over it: a warm tint and solid contours where covering
 * makes them fall, a cold tint and dotted ones where it makes them rise. The contours alone say it in grey.
 */
export function saliencyPicture(
  hu: Int16Array,
  size: readonly [number, number, number],
  grid: OcclusionGrid,
  logOddsDrop: Float64Array,
): Buffer {
  const [slices, rows, columns] = size;
  const slice = hu.subarray((slices >> 1) * rows * columns, ((slices >> 1) + 1) * rows * columns);
  const [height, width] = [rows * ZOOM, columns * ZOOM];
  const largest = logOddsDrop.reduce((most, drop) => Math.max(most, Math.abs(drop)), LEAST_CHANGE);
  const rgb = new Uint8ClampedArray(3 * width * height);
  const change = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      // The centre of the pixel, in voxels.
      const [row, column] = [(y + 0.5) / ZOOM - 0.5, (x + 0.5) / ZOOM - 0.5];
      const grey = (255 * (bilinear(slice, columns, row, column) - WINDOW_HU.from)) / (WINDOW_HU.to - WINDOW_HU.from);
      change[at] = bilinear(logOddsDrop, grid.columns.length, ...gridPlace(grid, row, column)) / largest;
      const tint = change[at] > 0 ? FALLS : RISES;
      const opacity = OPACITY * Math.abs(change[at]);
      for (let c = 0; c < 3; c++)
        rgb[3 * at + c] = (1 - opacity) * Math.min(255, Math.max(0, grey)) + opacity * tint[c]!;
    }
  }
  for (const level of LEVELS) {
    drawContour(rgb, width, (at) => change[at]! >= level, solid);
    drawContour(rgb, width, (at) => change[at]! <= -level, dotted);
  }
  return encodeRgbPng(rgb, width, height);
}

/** Where a voxel lies between the middles of the blocks, in blocks. */
function gridPlace({ block, stride, rows, columns }: OcclusionGrid, row: number, column: number): [number, number] {
  const middle = (axis: 1 | 2) => (block[axis] - 1) / 2;
  return [(row - rows[0]! - middle(1)) / stride[1], (column - columns[0]! - middle(2)) / stride[2]];
}

/** Between the four values around a place; beyond the edge, the value at the edge. */
function bilinear(values: ArrayLike<number>, columns: number, row: number, column: number): number {
  const rows = values.length / columns;
  const r = Math.min(rows - 1, Math.max(0, row));
  const c = Math.min(columns - 1, Math.max(0, column));
  const [top, left] = [Math.floor(r), Math.floor(c)];
  const [bottom, right] = [Math.min(rows - 1, top + 1), Math.min(columns - 1, left + 1)];
  const along = (line: number) => {
    const [a, b] = [values[line * columns + left]!, values[line * columns + right]!];
    return a + (b - a) * (c - left);
  };
  return along(top) + (along(bottom) - along(top)) * (r - top);
}

type Pattern = (x: number, y: number) => boolean;
const solid: Pattern = () => true;
const dotted: Pattern = (x, y) => ((x + y) >> 2) % 2 === 0;

/** A white line along the inner edge of a region, and a black one along the outer, so that it shows on any ground. */
function drawContour(rgb: Uint8ClampedArray, width: number, isInside: (at: number) => boolean, pattern: Pattern): void {
  const height = rgb.length / 3 / width;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if (!pattern(x, y)) continue;
      const neighbours = [
        x > 0 && at - 1,
        x < width - 1 && at + 1,
        y > 0 && at - width,
        y < height - 1 && at + width,
      ].filter((neighbour) => neighbour !== false);
      const inside = isInside(at);
      if (neighbours.every((neighbour) => isInside(neighbour) === inside)) continue;
      rgb.fill(inside ? 255 : 0, 3 * at, 3 * at + 3);
    }
  }
}
