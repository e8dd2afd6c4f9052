import type { Voxels } from '../volume';
import { encodeGreyPng } from './grey-png';

/** The usual lung window: level −600, width 1600. */
export const LUNG_WINDOW = { from: -1400, to: 200 };

/** Grey levels of a thumbnail: more are not seen at this size, and fewer pack better. */
const LEVELS = 64;

export interface Slice {
  /** HU, columns fastest. */
  hu: Voxels;
  rows: number;
  columns: number;
  /** Millimetres along columns and rows: a thumbnail is drawn to scale. */
  spacingXy: readonly [number, number];
}

/** A slice as a small PNG in the lung window, its longer side `side` pixels. Each pixel is the mean of what it covers. */
export function thumbnailPng({ hu, rows, columns, spacingXy }: Slice, side = 128): Buffer {
  const [width, height] = fit(columns * spacingXy[0], rows * spacingXy[1], side);
  const grey = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const [top, bottom] = covered(y, height, rows);
    for (let x = 0; x < width; x++) {
      const [left, right] = covered(x, width, columns);
      let sum = 0;
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) sum += clipped(hu[row * columns + column]!);
      }
      const mean = sum / ((bottom - top) * (right - left));
      const share = (mean - LUNG_WINDOW.from) / (LUNG_WINDOW.to - LUNG_WINDOW.from);
      grey[y * width + x] = (Math.round(share * (LEVELS - 1)) * 255) / (LEVELS - 1);
    }
  }
  return encodeGreyPng(grey, width, height);
}

function fit(widthMm: number, heightMm: number, side: number): [number, number] {
  const longest = Math.max(widthMm, heightMm);
  const pixels = (mm: number) => Math.min(side, Math.max(1, Math.round((side * mm) / longest)));
  return [pixels(widthMm), pixels(heightMm)];
}

/** The voxels from the first to before the second that pixel `i` of `pixels` covers; at least one. */
function covered(i: number, pixels: number, voxels: number): [number, number] {
  const from = Math.min(voxels - 1, Math.floor((i * voxels) / pixels));
  return [from, Math.max(from + 1, Math.floor(((i + 1) * voxels) / pixels))];
}

function clipped(hu: number): number {
  return hu > LUNG_WINDOW.to ? LUNG_WINDOW.to : hu >= LUNG_WINDOW.from ? hu : LUNG_WINDOW.from;
}
