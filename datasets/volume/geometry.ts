import type { Geometry, Irc, Xyz } from './volume';

type Placement = Pick<Geometry, 'spacingXyz' | 'originXyz' | 'direction'>;

/** World position of a voxel; `irc` may be fractional. */
export function ircToXyz(irc: Irc, { spacingXyz, originXyz, direction }: Placement): Xyz {
  const x = irc[2] * spacingXyz[0];
  const y = irc[1] * spacingXyz[1];
  const z = irc[0] * spacingXyz[2];
  const along = (axis: 0 | 1 | 2) =>
    originXyz[axis] + x * direction[axis]! + y * direction[3 + axis]! + z * direction[6 + axis]!;
  return [along(0), along(1), along(2)];
}

/** Fractional voxel position of a world position. It may lie outside the scan. */
export function xyzToIrc(xyz: Xyz, { spacingXyz, originXyz, direction }: Placement): Irc {
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = direction as NineNumbers;
  const dx = xyz[0] - originXyz[0];
  const dy = xyz[1] - originXyz[1];
  const dz = xyz[2] - originXyz[2];
  // Cramer's rule, not the transpose: written directions are rounded, and so not quite orthonormal.
  const determinant = directionDeterminant(direction);
  const column = (dx * (yy * zz - yz * zy) + dy * (yz * zx - yx * zz) + dz * (yx * zy - yy * zx)) / determinant;
  const row = (dx * (zy * xz - zz * xy) + dy * (zz * xx - zx * xz) + dz * (zx * xy - zy * xx)) / determinant;
  const slice = (dx * (xy * yz - xz * yy) + dy * (xz * yx - xx * yz) + dz * (xx * yy - xy * yx)) / determinant;
  return [slice / spacingXyz[2], row / spacingXyz[1], column / spacingXyz[0]];
}

/** Volume that the three directions span: ±1 for a rotation or a flip, 0 where two of them coincide. */
export function directionDeterminant(direction: readonly number[]): number {
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = direction as NineNumbers;
  return xx * (yy * zz - yz * zy) - xy * (yx * zz - yz * zx) + xz * (yx * zy - yy * zx);
}

type NineNumbers = readonly [number, number, number, number, number, number, number, number, number];
