import type { Geometry } from './volume';

/**
 * Where voxels are, as formats with an affine say it: world = A · (column, row, slice, 1), the twelve numbers of A row
 * by row (x: four, y: four, z: four).
 */
export type Affine = readonly number[];

type Placement = Pick<Geometry, 'spacingXyz' | 'originXyz' | 'direction'>;

/** Spacing, origin and direction of an affine in LPS. A sheared affine keeps its shear in `direction`. */
export function placementOf(lps: Affine): Placement {
  const steps = [0, 1, 2].map((axis) => [lps[axis]!, lps[4 + axis]!, lps[8 + axis]!] as const);
  const [x, y, z] = steps.map((step) => Math.hypot(...step)) as [number, number, number];
  return {
    spacingXyz: [x, y, z],
    originXyz: [lps[3]!, lps[7]!, lps[11]!],
    // + 0: no −0 where a flip met a zero.
    direction: steps.flatMap((step, axis) => step.map((value) => value / [x, y, z][axis]! + 0)),
  };
}

/** The affine in LPS of a placement. */
export function affineOf({ spacingXyz, originXyz, direction }: Placement): Affine {
  const row = (world: number) => [0, 1, 2].map((axis) => direction[3 * axis + world]! * spacingXyz[axis]!);
  return [0, 1, 2].flatMap((world) => [...row(world), originXyz[world]!]);
}

/** From right-anterior-superior to left-posterior-superior, or back: x and y change their sign. */
export function swapLpsRas(affine: Affine): Affine {
  return affine.map((value, i) => (i < 8 ? 0 - value : value));
}
