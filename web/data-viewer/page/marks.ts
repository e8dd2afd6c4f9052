/**
 * Where a sphere or a point of a scan shows on the slices that Niivue has drawn.
 *
 * Positions are in Niivue's slice millimetres: along the scan's own axes, so a rotated scan is not sheared and a sphere
 * stays a circle. A tile says which of these millimetres its left lower corner is at and how many it spans.
 */
export type SlicePosition = readonly [number, number, number];

/** One slice on the canvas, as Niivue tells it in `screenSlices`. */
export interface Tile {
  /** Canvas pixels; a negative width means mirrored. */
  leftTopWidthHeight: readonly number[];
  /** 0 axial, 1 coronal, 2 sagittal; more are no slices. */
  axCorSag: number;
  leftTopMM: readonly number[];
  fovMM: readonly number[];
}

export interface Circle {
  /** Canvas pixels. */
  x: number;
  y: number;
  radius: number;
}

/** Across, up and through the slice, for axial, coronal and sagittal tiles. */
const AXES = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 2, 0],
] as const;

/** Canvas position of a place in the plane of a tile, or undefined where the tile shows no slice or not that place. */
export function onTile(tile: Tile, position: SlicePosition): { x: number; y: number } | undefined {
  const axes = AXES[tile.axCorSag];
  if (!axes) return undefined;
  const [left = 0, top = 0, width = 0, height = 0] = tile.leftTopWidthHeight;
  const across = (position[axes[0]] - tile.leftTopMM[0]!) / tile.fovMM[0]!;
  const up = (position[axes[1]] - tile.leftTopMM[1]!) / tile.fovMM[1]!;
  if (!(across >= 0 && across <= 1 && up >= 0 && up <= 1)) return undefined;
  return { x: left + across * width, y: top + (1 - up) * height };
}

/** Millimetres between a place and the slice that a tile shows. */
export function distanceToTile(tile: Tile, crosshair: SlicePosition, position: SlicePosition): number {
  const axis = AXES[tile.axCorSag]?.[2] ?? 0;
  return Math.abs(position[axis] - crosshair[axis]);
}

/** The circle in which a tile's slice cuts a sphere, or undefined where it does not. */
export function cutSphere(
  tile: Tile,
  crosshair: SlicePosition,
  center: SlicePosition,
  diameterMm: number,
): Circle | undefined {
  const distance = distanceToTile(tile, crosshair, center);
  const squared = (diameterMm / 2) ** 2 - distance ** 2;
  const middle = squared > 0 ? onTile(tile, center) : undefined;
  if (!middle) return undefined;
  return { ...middle, radius: Math.sqrt(squared) * pixelsPerMm(tile) };
}

export function pixelsPerMm({ leftTopWidthHeight, fovMM }: Tile): number {
  return Math.abs(leftTopWidthHeight[2]! / fovMM[0]!);
}
