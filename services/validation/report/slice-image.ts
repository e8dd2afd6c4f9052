import { encodeGreyPng } from '../../../datasets';

/** Lung window, from where a patch is clipped: what lies outside is black or white. */
const WINDOW_HU = { from: -1000, to: 200 };

/** The middle axial slice of a patch (`[slices, rows, columns]` HU), as a PNG in the lung window. */
export function middleSlicePng(hu: ArrayLike<number>, size: readonly [number, number, number]): Buffer {
  const [slices, rows, columns] = size;
  const start = (slices >> 1) * rows * columns;
  const grey = new Uint8ClampedArray(rows * columns);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = (255 * (hu[start + i]! - WINDOW_HU.from)) / (WINDOW_HU.to - WINDOW_HU.from);
  }
  return encodeGreyPng(grey, columns, rows);
}
