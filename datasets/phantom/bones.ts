import { add, cross, distance, scale, subtract, unit, type Xyz } from './geometry';
import type { Grid } from './grid';
import { paintBlob } from './paint-blob';
import { cageAt, type Thorax } from './thorax';

const RIB_PAIRS = 10;

/** Paints ribs, spine and breastbone: a dense shell around spongy bone. */
export function paintBones(grid: Grid, thorax: Thorax): void {
  for (let rib = 0; rib < RIB_PAIRS; rib++) {
    const z = thorax.apex - 8 - rib * ((thorax.apex - thorax.base + 20) / RIB_PAIRS);
    for (const side of [-1, 1] as const) paintRib(grid, ribPath(thorax, z, side));
  }
  paintSpine(grid, thorax);
  paintBreastbone(grid, thorax);
}

/** From the spine outward around the cage to the front, falling on the way as ribs do. */
export function ribPath(thorax: Thorax, z: number, side: -1 | 1): Xyz[] {
  return Array.from({ length: 34 }, (_, i) => {
    const angle = 0.28 + (2.35 * i) / 33; // from the back
    const level = z + 12 - 26 * (1 - Math.cos(angle)) * 0.75;
    const [halfWidth, halfDepth, back] = cageAt(thorax, level);
    const outside = 4.2;
    const sine = Math.sin(angle);
    const cosine = Math.cos(angle);
    const squareness = 2.35;
    const ray = Math.pow(
      Math.pow(Math.abs(sine) / (halfWidth + outside), squareness) +
        Math.pow(Math.abs(cosine) / (halfDepth + outside), squareness),
      -1 / squareness,
    );
    return [side * ray * sine, back + ray * cosine, level];
  });
}

function paintRib(grid: Grid, path: readonly Xyz[]): void {
  for (let i = 0; i + 1 < path.length; i++) {
    const from = path[i]!;
    const to = path[i + 1]!;
    const span = distance(from, to);
    if (span > 25) continue; // the cage closes above the apex
    const axis = unit(subtract(to, from));
    const outward = unit([from[0], from[1], 0]);
    const high = unit(cross(axis, outward));
    const half = span / 2;
    const shape = (dx: number, dy: number, dz: number): number => {
      const t = Math.abs(dx * axis[0] + dy * axis[1] + dz * axis[2]);
      const a = (dx * outward[0] + dy * outward[1] + dz * outward[2]) / 3;
      const b = (dx * high[0] + dy * high[1] + dz * high[2]) / 5;
      // Cut square at both ends, so that the pieces join without a shell between them.
      return t > half + 0.4 ? -9 : (1 - Math.sqrt(a * a + b * b)) * 3;
    };
    const reach = (axisOf: 0 | 1 | 2) =>
      (half + 0.4) * Math.abs(axis[axisOf]) + 3 * Math.abs(outward[axisOf]) + 5 * Math.abs(high[axisOf]);
    paintBlob(grid, scale(add(from, to), 0.5), [reach(0), reach(1), reach(2)], shape, {
      hu: (depth) => (depth < 1.1 ? 620 : 170),
    });
  }
}

function paintSpine(grid: Grid, thorax: Thorax): void {
  const { y, halfWidth, halfDepth } = thorax.spine;
  const disc = 20;
  for (let z = Math.floor(grid.origin[2] / disc) * disc; z < -grid.origin[2] + disc; z += disc) {
    paintBlob(
      grid,
      [0, y, z],
      [halfWidth, halfDepth, 8],
      (dx, dy, dz) => {
        const waist = 1 - 0.1 * (1 - (dz / 10) ** 2);
        const a = dx / (halfWidth * waist);
        const b = dy / (halfDepth * waist);
        return Math.min((1 - Math.sqrt(a * a + b * b)) * halfDepth, 8 - Math.abs(dz));
      },
      { hu: (depth, dx, dy, dz) => (depth < 1.3 ? 480 : 190 + 18 * Math.sin(dx + 1.3 * dz) * Math.sin(1.1 * dy)) },
    );
    paintArch(grid, [0, y, z], halfDepth);
  }
}

/** The arch behind the vertebral canal, its spinous process and its transverse processes. */
function paintArch(grid: Grid, [x, y, z]: Xyz, halfDepth: number): void {
  const canal = y + halfDepth + 6;
  paintBlob(
    grid,
    [x, canal, z],
    [24, 22, 6.5],
    (dx, dy, dz) => {
      const ring = 2.4 - Math.abs(Math.sqrt(dx * dx + dy * dy) - 9);
      const spinous = Math.min(2.2 - Math.abs(dx), 22 - dy, dy - 8);
      const transverse = Math.min(2.6 - Math.abs(dy + 0.35 * Math.abs(dx) - 8), 24 - Math.abs(dx), Math.abs(dx) - 7);
      return Math.min(Math.max(ring, spinous, transverse), 6.5 - Math.abs(dz));
    },
    { hu: (depth) => (depth < 1 ? 520 : 260) },
  );
}

function paintBreastbone(grid: Grid, thorax: Thorax): void {
  for (let z = thorax.shoulder - 30; z < thorax.apex - 25; z += 12) {
    const [, halfDepth, back] = cageAt(thorax, z);
    paintBlob(
      grid,
      [0, back - halfDepth - 3.5, z],
      [14, 4, 6.4],
      (dx, dy, dz) => Math.min((1 - Math.sqrt((dx / 14) ** 2 + (dy / 4) ** 2)) * 4, 6.4 - Math.abs(dz)),
      { hu: (depth) => (depth < 1 ? 430 : 140) },
    );
  }
}
