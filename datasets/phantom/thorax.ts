import type { Random } from 'seeded-random';
import { between } from './draws';
import type { Xyz } from './geometry';

/** One patient's chest: sizes in mm of the shapes that bound the lungs. */
export interface Thorax {
  halfWidth: number;
  halfDepth: number;
  /** Level above which the rib cage narrows to the apex. */
  shoulder: number;
  apex: number;
  /** Level of the rims of the diaphragm, and the rise of the right and left dome over it. */
  base: number;
  domes: readonly [number, number];
  heart: { centre: Xyz; radii: Xyz };
  spine: { y: number; halfWidth: number; halfDepth: number };
  aorta: { x: number; y: number; radius: number };
  /** Thickness of muscle and of fat in the chest wall. */
  muscle: number;
  fat: number;
  /** Phases of the slow wobble that makes no wall exactly elliptic. */
  wobble: readonly [number, number, number, number];
}

/** A small chest: see README.md for why. `size` is the patient's over the average. */
export function drawThorax(random: Random, size: number): Thorax {
  const depth = between(random, 58, 66) * size;
  const spineY = depth - 13 * size;
  return {
    halfWidth: between(random, 82, 89) * size,
    halfDepth: depth,
    shoulder: -20,
    apex: between(random, 78, 92),
    base: between(random, -92, -84),
    domes: [between(random, 30, 42), between(random, 24, 36)],
    heart: {
      centre: [between(random, 12, 18), between(random, -22, -14), between(random, -38, -28)],
      radii: [between(random, 38, 44) * size, between(random, 32, 37) * size, between(random, 36, 42)],
    },
    spine: { y: spineY, halfWidth: 15 * size, halfDepth: 12.5 * size },
    aorta: { x: between(random, 12, 16), y: spineY - between(random, 17, 20), radius: between(random, 8, 10) },
    muscle: between(random, 5, 11),
    fat: between(random, 4, 16),
    wobble: [6.28 * random.uniform(), 6.28 * random.uniform(), 6.28 * random.uniform(), 6.28 * random.uniform()],
  };
}

/** Half width and half depth of the rib cage at a level, and how far back its middle lies, mm. */
export function cageAt(thorax: Thorax, z: number): readonly [number, number, number] {
  const u = Math.max(0, (z - thorax.shoulder) / (thorax.apex - thorax.shoulder));
  const narrowing = Math.sqrt(Math.max(1e-4, 1 - u * u * Math.sqrt(u)));
  return [
    thorax.halfWidth * narrowing * (1 + 0.012 * Math.sin(0.09 * z + thorax.wobble[0])),
    thorax.halfDepth * narrowing,
    10 * u * u,
  ];
}

/** Millimetres inside (+) or outside (−) the rib cage, measured along the ray from its middle. */
export function cageDistance(thorax: Thorax, [x, y, z]: Xyz): number {
  const [halfWidth, halfDepth, back] = cageAt(thorax, z);
  const dy = y - back;
  const across = Math.abs(x) / halfWidth;
  const deep = Math.abs(dy) / halfDepth;
  const squareness = 2.35;
  const rho = Math.pow(Math.pow(across, squareness) + Math.pow(deep, squareness), 1 / squareness) + 1e-6;
  const ray = Math.sqrt(x * x + dy * dy) + 1e-3;
  const ripple = 1.1 * Math.sin(0.11 * x + thorax.wobble[1]) * Math.sin(0.1 * y + 0.08 * z + thorax.wobble[2]);
  return ray / rho - ray + ripple;
}

/** Millimetres above (+) the diaphragm. */
export function diaphragmDistance(thorax: Thorax, [x, y, z]: Xyz): number {
  const centre = x < 0 ? -0.5 * thorax.halfWidth : 0.52 * thorax.halfWidth;
  const rise = x < 0 ? thorax.domes[0] : thorax.domes[1];
  const u = (x - centre) / (0.72 * thorax.halfWidth);
  const v = (y + 10) / (1.05 * thorax.halfDepth);
  const dome =
    thorax.base + rise * Math.max(-0.6, 1.25 * (1 - u * u - v * v)) + 1.5 * Math.sin(0.07 * x + thorax.wobble[3]);
  return (z - dome) * 0.75;
}

/** Millimetres outside (+) the mediastinum: heart, great vessels, spine, and the thin plate between the lungs. */
export function mediastinumDistance(thorax: Thorax, [x, y, z]: Xyz): number {
  const { heart, spine, aorta } = thorax;
  const plate = Math.abs(x - 2) - 4;
  const vessels = ellipse(x - 3, y + 2, 21 + 3 * Math.sin(0.05 * z + thorax.wobble[0]), z > 0 ? 30 - 0.12 * z : 30);
  const column = ellipse(x, y - spine.y - 6, spine.halfWidth + 6, spine.halfDepth + 12);
  const pipe = Math.sqrt((x - aorta.x) ** 2 + (y - aorta.y) ** 2) - aorta.radius - 1.5;
  const h: Xyz = [
    (x - heart.centre[0]) / heart.radii[0],
    (y - heart.centre[1]) / heart.radii[1],
    (z - heart.centre[2]) / heart.radii[2],
  ];
  const reach = Math.sqrt(h[0] * h[0] + h[1] * h[1] + h[2] * h[2]);
  const pericardium = (reach - 1) * 36 - 2;
  return smoothMin(smoothMin(smoothMin(plate, vessels, 8), smoothMin(column, pipe, 5), 5), pericardium, 6);
}

/** Millimetres inside (+) or outside (−) the nearer lung; right where it matters, near the surface. */
export function lungDistance(thorax: Thorax, at: Xyz): number {
  return lungWithin(cageDistance(thorax, at), diaphragmDistance(thorax, at), mediastinumDistance(thorax, at));
}

/** The same from the distances that bound it. */
export function lungWithin(cage: number, diaphragm: number, mediastinum: number): number {
  return smoothMin(smoothMin(cage - 1.5, diaphragm, 5), mediastinum, 5);
}

/** The way into the lung, as a unit vector, from central differences. */
export function inward(thorax: Thorax, at: Xyz): Xyz {
  const step = 1;
  const [x, y, z] = at;
  const gradient = [
    lungDistance(thorax, [x + step, y, z]) - lungDistance(thorax, [x - step, y, z]),
    lungDistance(thorax, [x, y + step, z]) - lungDistance(thorax, [x, y - step, z]),
    lungDistance(thorax, [x, y, z + step]) - lungDistance(thorax, [x, y, z - step]),
  ] as const;
  const norm = Math.sqrt(gradient[0] ** 2 + gradient[1] ** 2 + gradient[2] ** 2) + 1e-9;
  return [gradient[0] / norm, gradient[1] / norm, gradient[2] / norm];
}

/** Radial distance outside an upright elliptic column. */
function ellipse(x: number, y: number, halfWidth: number, halfDepth: number): number {
  const ray = Math.sqrt(x * x + y * y) + 1e-3;
  return ray - ray / (Math.sqrt((x / halfWidth) ** 2 + (y / halfDepth) ** 2) + 1e-6);
}

/** The smaller of two distances with its corner rounded over `k` mm (polynomial smooth minimum, Quilez 2013). */
function smoothMin(a: number, b: number, k: number): number {
  const h = Math.max(0, k - Math.abs(a - b)) / k;
  return Math.min(a, b) - h * h * k * 0.25;
}
