import { add, length, subtract, type Xyz } from './geometry';
import { voxelBox, type Grid } from './grid';

/** Millimetres inside (+) or outside (−) a shape, at an offset from its middle. */
export type Shape = (dx: number, dy: number, dz: number) => number;

/** How a shape is filled: HU from the depth under its surface, mm, and the HU that is there. */
export interface Fill {
  hu: (depth: number, dx: number, dy: number, dz: number) => number;
  /** Width of the edge beyond the voxel's own, mm: a ground-glass nodule fades out. */
  softness?: number;
}

/** Paints a shape where it is denser than what is there. `reach` bounds it around its middle, mm, of all axes or of each. */
export function paintBlob(grid: Grid, centre: Xyz, reach: number | Xyz, shape: Shape, fill: Fill): void {
  const { hu: voxels, rows, columns, spacing, origin } = grid;
  const margin = add(typeof reach === 'number' ? [reach, reach, reach] : reach, spacing);
  const [first, last] = voxelBox(grid, subtract(centre, margin), add(centre, margin));
  const softness = fill.softness ?? 0;
  const widestEdge = 0.5 * (softness + length(spacing)) + 1e-3;
  for (let k = first[2]; k <= last[2]; k++) {
    const dz = origin[2] + k * spacing[2] - centre[2];
    for (let j = first[1]; j <= last[1]; j++) {
      const dy = origin[1] + j * spacing[1] - centre[1];
      const row = (k * rows + j) * columns;
      for (let i = first[0]; i <= last[0]; i++) {
        const dx = origin[0] + i * spacing[0] - centre[0];
        const depth = shape(dx, dy, dz);
        if (depth < -widestEdge) continue;
        const d = Math.sqrt(dx * dx + dy * dy + dz * dz) + 1e-6;
        const voxel = (spacing[0] * Math.abs(dx) + spacing[1] * Math.abs(dy) + spacing[2] * Math.abs(dz)) / (2 * d);
        const h = voxel + 0.5 * softness + 1e-3;
        const cover = (depth + h) / (2 * h);
        if (cover <= 0) continue;
        const index = row + i;
        const old = voxels[index]!;
        const hu = fill.hu(depth, dx, dy, dz);
        if (old >= hu) continue;
        voxels[index] = old + (hu - old) * Math.min(1, cover);
      }
    }
  }
}
