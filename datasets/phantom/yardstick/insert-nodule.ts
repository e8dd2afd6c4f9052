import type { Random } from 'seeded-random';
import type { Irc, Volume } from '../../volume';
import { isLung, type LungMask } from './lung-mask';

/** A nodule to be put into a real scan. */
export interface InsertedNodule {
  /** Whole voxel at its middle. */
  irc: Irc;
  diameterMm: number;
  texture: 'solid' | 'part-solid' | 'ground-glass';
  /** HU of its solid part, and of its ground glass. */
  solidHu: number;
  glassHu: number;
  /** Plane waves that make its surface irregular: wave vector (1/mm), phase, height as a share of the radius. */
  waves: readonly { k: readonly [number, number, number]; phase: number; height: number }[];
  /** Radii along x, y and z over the mean radius. */
  stretch: readonly [number, number, number];
  /** Width of the transition from nodule to lung, Gaussian sigma in mm, before the scanner's blur. */
  margin: number;
}

/** What a scanner's image does to a small bright thing: Gaussian sigma in the slice and across slices, mm. */
export interface PointSpread {
  inPlane: number;
  across: number;
}

/**
 * Draws a nodule around a random voxel of lung (`draw`): a diameter of 4–20 mm from `diameters`, its whole ball inside the lung,
 * its middle not on a vessel. Independent of the phantom's own painter in shape, edge and noise.
 */
export function drawInsertion(
  random: Random,
  volume: Volume,
  mask: LungMask,
  draw: () => Irc,
  diameters: readonly number[],
): InsertedNodule {
  for (let attempt = 0; attempt < 10_000; attempt++) {
    const irc = draw();
    const diameterMm = diameters[random.integer(diameters.length)]!;
    if (isInsideLung(volume, mask, irc, diameterMm / 2) && isOffVessels(volume, irc, diameterMm / 2)) {
      return drawLook(random, irc, diameterMm);
    }
  }
  throw new RangeError('no free lung for a nodule');
}

function drawLook(random: Random, irc: Irc, diameterMm: number): InsertedNodule {
  const between = (low: number, high: number) => low + (high - low) * random.uniform();
  const roll = random.uniform();
  // Of LIDC's nodules about three quarters are solid; ground glass is not marked much below 5 mm.
  const texture = diameterMm < 5 || roll < 0.75 ? 'solid' : roll < 0.88 ? 'part-solid' : 'ground-glass';
  const irregular = between(0.02, 0.12);
  return {
    irc,
    diameterMm,
    texture,
    solidHu: 25 + 30 * random.normal(),
    glassHu: between(-650, -400),
    waves: Array.from({ length: 6 }, () => ({
      k: [random.normal(), random.normal(), random.normal()].map((value) => (value * 2.6) / diameterMm) as unknown as [
        number,
        number,
        number,
      ],
      phase: 2 * Math.PI * random.uniform(),
      height: irregular * random.normal(),
    })),
    stretch: [between(0.88, 1.14), between(0.88, 1.14), between(0.88, 1.14)],
    margin: texture === 'solid' ? between(0.1, 0.4) : between(0.4, 1),
  };
}

/** All of a ball inside the lung, seen from 60 directions. */
function isInsideLung({ spacingXyz }: Volume, mask: LungMask, [slice, row, column]: Irc, radius: number): boolean {
  for (let n = 0; n < 60; n++) {
    // Fibonacci's lattice on the sphere.
    const z = 1 - (2 * n + 1) / 60;
    const ring = Math.sqrt(1 - z * z);
    const angle = n * Math.PI * (3 - Math.sqrt(5));
    const at: Irc = [
      Math.round(slice + (radius * z) / spacingXyz[2]),
      Math.round(row + (radius * ring * Math.sin(angle)) / spacingXyz[1]),
      Math.round(column + (radius * ring * Math.cos(angle)) / spacingXyz[0]),
    ];
    if (!isLung(mask, at)) return false;
  }
  return isLung(mask, [slice, row, column]);
}

/** Within the inner half of the nodule at most a tenth of the voxels are denser than −600 HU: no vessel or bronchus wall. */
function isOffVessels(volume: Volume, irc: Irc, radius: number): boolean {
  let dense = 0;
  let count = 0;
  forBall(volume, irc, Math.max(1.5, 0.5 * radius), (index) => {
    count++;
    if (volume.hu[index]! > -600) dense++;
  });
  return dense <= 0.1 * count;
}

function forBall(
  { size, spacingXyz }: Volume,
  [slice, row, column]: Irc,
  radius: number,
  visit: (index: number, x: number, y: number, z: number) => void,
): void {
  const reach = (axis: 0 | 1 | 2) => Math.ceil(radius / spacingXyz[axis]);
  for (let k = Math.max(0, slice - reach(2)); k <= Math.min(size[0] - 1, slice + reach(2)); k++) {
    for (let j = Math.max(0, row - reach(1)); j <= Math.min(size[1] - 1, row + reach(1)); j++) {
      for (let i = Math.max(0, column - reach(0)); i <= Math.min(size[2] - 1, column + reach(0)); i++) {
        const x = (i - column) * spacingXyz[0];
        const y = (j - row) * spacingXyz[1];
        const z = (k - slice) * spacingXyz[2];
        if (x * x + y * y + z * z <= radius * radius) visit((k * size[1] + j) * size[2] + i, x, y, z);
      }
    }
  }
}

/** Points of the kernel of a voxel: offsets in sigmas and weights of Gauss–Hermite quadrature of five points. */
const HERMITE = [
  [-2.8569700138728, 0.0112574113277],
  [-1.3556261799743, 0.2220759220057],
  [0, 0.5333333333333],
  [1.3556261799743, 0.2220759220057],
  [2.8569700138728, 0.0112574113277],
] as const;

/**
 * Puts a nodule into a copy of the scan's voxels around it and returns what was there, so that `undo` takes it out.
 *
 * Each voxel takes the share of nodule that the scanner's point spread would show there, `a`, and becomes
 * `old + a·(nodule + noise − old)`; where the scan is denser than the nodule (a vessel runs through) it stays as it is.
 * The noise comes from a block of the scan's own soft tissue.
 */
export function insertNodule(
  volume: Volume,
  nodule: InsertedNodule,
  spreadOf: PointSpread,
  noise: readonly number[],
  random: Random,
): () => void {
  const { hu } = volume;
  const radius = nodule.diameterMm / 2;
  const before = new Map<number, number>();
  const start = random.integer(noise.length);
  let n = 0;
  forBall(volume, nodule.irc, 1.6 * radius + 3 * spreadOf.across, (index, x, y, z) => {
    const [solid, any] = coverage(nodule, spreadOf, x, y, z);
    if (any < 0.004) return;
    const old = hu[index]!;
    const inner = Math.min(1, solid / any);
    const target = inner * nodule.solidHu + (1 - inner) * nodule.glassHu;
    const grain = noise[(start + n++) % noise.length]!;
    before.set(index, old);
    if (old < target) hu[index] = Math.round(old + Math.min(1, any) * (target + grain - old));
  });
  return () => {
    for (const [index, old] of before) hu[index] = old;
  };
}

/** Shares of a voxel that are solid and that are nodule at all, after the point spread. */
function coverage(
  nodule: InsertedNodule,
  { inPlane, across }: PointSpread,
  x: number,
  y: number,
  z: number,
): readonly [number, number] {
  const radius = nodule.diameterMm / 2;
  // Depth of the solid part's surface under the nodule's own, as a share of the radius.
  const solidUnder = nodule.texture === 'solid' ? 0 : nodule.texture === 'part-solid' ? 0.5 : Infinity;
  const middle = surface(nodule, x, y, z);
  // Surely outside, or surely solid: most voxels, and the sum below is slow.
  const blur = 4 * Math.max(inPlane, across) + 4 * nodule.margin;
  if (middle * radius < -blur) return [0, 0];
  if (solidUnder === 0 && middle * radius > blur) return [1, 1];
  let solid = 0;
  let any = 0;
  for (const [sz, wz] of HERMITE) {
    for (const [sy, wy] of HERMITE) {
      for (const [sx, wx] of HERMITE) {
        const weight = wx * wy * wz;
        const depth = surface(nodule, x + sx * inPlane, y + sy * inPlane, z + sz * across);
        any += weight * step(depth * radius, nodule.margin);
        if (solidUnder < 1) solid += weight * step((depth - solidUnder) * radius, nodule.margin);
      }
    }
  }
  return [solid, any];
}

/** Depth under the surface as a share of the radius: 1 in the middle, 0 on the surface, negative outside. */
function surface({ diameterMm, stretch, waves }: InsertedNodule, x: number, y: number, z: number): number {
  const radius = diameterMm / 2;
  const d = Math.sqrt((x / stretch[0]) ** 2 + (y / stretch[1]) ** 2 + (z / stretch[2]) ** 2) / radius;
  let bulge = 0;
  for (const { k, phase, height } of waves) bulge += height * Math.sin(k[0] * x + k[1] * y + k[2] * z + phase);
  return 1 + bulge - d;
}

/** Smooth step over a depth in mm, near to a Gaussian's integral of this sigma. */
function step(depth: number, sigma: number): number {
  return 1 / (1 + Math.exp((-1.702 * depth) / sigma));
}
