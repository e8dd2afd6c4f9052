import { add, dot, perpendiculars, scale, subtract, unit, type Xyz } from './geometry';
import { voxelBox, type Grid } from './grid';

/** `brighten` paints only what is denser than what is there, `darken` only what is thinner, `over` all. */
export type Blend = 'brighten' | 'darken' | 'over';

/** Paints a chain of tubes through points, its radius running evenly from one end to the other. */
export function paintTubes(
  grid: Grid,
  points: readonly Xyz[],
  radii: readonly [number, number],
  hu: number,
  blend: Blend = 'brighten',
): void {
  const pieces = points.length - 1;
  for (let i = 0; i < pieces; i++) {
    const radiusAt = (t: number) => radii[0] + (radii[1] - radii[0]) * t;
    paintTube(grid, points[i]!, points[i + 1]!, radiusAt(i / pieces), radiusAt((i + 1) / pieces), hu, blend);
  }
}

/**
 * Paints one tube with rounded ends. A tube thicker than a voxel gets an antialiased edge; a thinner one is spread
 * as a Gaussian that keeps its cross-section, so that thin vessels are faint as they are in a scan.
 */
function paintTube(grid: Grid, from: Xyz, to: Xyz, r0: number, r1: number, hu: number, blend: Blend): void {
  const axis = subtract(to, from);
  const [e1, e2] = perpendiculars(unit(axis));
  const half = scale(grid.spacing, 0.5);
  const reachAlong = (e: Xyz) => half[0] * Math.abs(e[0]) + half[1] * Math.abs(e[1]) + half[2] * Math.abs(e[2]);
  const h1 = reachAlong(e1);
  const h2 = reachAlong(e2);
  const thin = Math.max(r0, r1) < 1.1 * Math.max(h1, h2);
  const margin = Math.max(r0, r1) + (thin ? 1.6 * Math.max(h1, h2) : Math.max(h1, h2));
  const pad: Xyz = [margin, margin, margin];
  const low: Xyz = [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.min(from[2], to[2])];
  const high: Xyz = [Math.max(from[0], to[0]), Math.max(from[1], to[1]), Math.max(from[2], to[2])];
  const [first, last] = voxelBox(grid, subtract(low, pad), add(high, pad));
  const squared = dot(axis, axis) + 1e-9;
  const { hu: voxels, rows, columns, spacing, origin } = grid;
  const [hx, hy, hz] = half;
  const [ax, ay, az] = axis;
  const marginSquared = margin * margin;

  for (let k = first[2]; k <= last[2]; k++) {
    const pz = origin[2] + k * spacing[2] - from[2];
    for (let j = first[1]; j <= last[1]; j++) {
      const py = origin[1] + j * spacing[1] - from[1];
      const row = (k * rows + j) * columns;
      for (let i = first[0]; i <= last[0]; i++) {
        const px = origin[0] + i * spacing[0] - from[0];
        let t = (px * ax + py * ay + pz * az) / squared;
        if (t < 0) t = 0;
        else if (t > 1) t = 1;
        const vx = px - t * ax;
        const vy = py - t * ay;
        const vz = pz - t * az;
        const d2 = vx * vx + vy * vy + vz * vz;
        if (d2 > marginSquared) continue;
        const r = r0 + (r1 - r0) * t;
        let cover: number;
        if (thin) {
          const a = vx * e1[0] + vy * e1[1] + vz * e1[2];
          const b = vx * e2[0] + vy * e2[1] + vz * e2[2];
          const past = d2 - a * a - b * b; // beyond an end of the tube
          const s1 = r * r * 0.25 + (h1 * h1) / 3;
          const s2 = r * r * 0.25 + (h2 * h2) / 3;
          const q = 0.5 * ((a * a) / s1 + (b * b) / s2 + past / Math.min(s1, s2));
          // exp(-q) to a few per cent, without a call
          const p = 1 - q * 0.125;
          cover = p <= 0 ? 0 : (r * r * 0.5) / Math.sqrt(s1 * s2);
          const p2 = p * p;
          cover *= p2 * p2 * p2 * p2;
        } else {
          const d = Math.sqrt(d2) + 1e-6;
          const h = (hx * Math.abs(vx) + hy * Math.abs(vy) + hz * Math.abs(vz)) / d + 1e-6;
          cover = (r - d + h) / (2 * h);
        }
        if (cover <= 0) continue;
        const index = row + i;
        const old = voxels[index]!;
        if (blend === 'brighten' ? old >= hu : blend === 'darken' && old <= hu) continue;
        voxels[index] = old + (hu - old) * (cover > 1 ? 1 : cover);
      }
    }
  }
}
