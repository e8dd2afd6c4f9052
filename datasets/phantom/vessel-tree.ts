import type { Random } from 'seeded-random';
import { anyDirection, between } from './draws';
import { add, along, cross, distance, dot, length, mix, scale, subtract, unit, type Xyz } from './geometry';
import { lungDistance, type Thorax } from './thorax';

/** A vessel or bronchus between two forks: points along its curve, its radius at both ends in mm. */
export interface Branch {
  points: Xyz[];
  startRadius: number;
  endRadius: number;
  /** How many end twigs it feeds: what its radius follows from. */
  twigs: number;
  /** Whether it forks at its end, into branches that are both wide enough to see there. */
  forks: boolean;
}

/** Radius of an end twig, mm, and the exponent of Murray's law as measured in lungs (about 2.7 rather than 3). */
const TWIG_RADIUS = 0.37;
const MURRAY = 1 / 2.7;

export const radiusFor = (twigs: number): number => TWIG_RADIUS * Math.pow(twigs, MURRAY);

/**
 * Grows a tree that fills one lung: each branch heads for the middle of the points it must reach, 40 % of the way,
 * then the points are divided by a plane and each half is a new branch
 * (Tawhai, Pullan and Hunter, "Generation of an anatomically based three-dimensional model of the conducting airways", 2000).
 */
export function growTree(random: Random, thorax: Thorax, root: Xyz, heading: Xyz, targets: readonly Xyz[]): Branch[] {
  const branches: Branch[] = [];

  function grow(from: Xyz, direction: Xyz, points: readonly Xyz[], plane: Xyz, startRadius: number): void {
    const middle = centroid(points);
    const reach = distance(from, middle);
    const last = points.length === 1;
    const step = last ? reach : Math.max(Math.min(reach, 3), reach * between(random, 0.32, 0.48));
    let end = along(from, unit(subtract(middle, from)), step);
    if (!last && lungDistance(thorax, end) < 2) end = mix(from, middle, 0.25);
    const endRadius = radiusFor(points.length) * (last ? 0.7 : 0.94);
    const curve = bend(random, from, direction, end);
    const outgoing = unit(subtract(curve.at(-1)!, curve.at(-2)!));
    const parts = last ? [] : divide(random, points, end, outgoing, plane);
    branches.push({
      points: curve,
      startRadius: Math.min(startRadius, radiusFor(points.length) * 1.06),
      endRadius,
      twigs: points.length,
      forks: parts.length === 2 && Math.min(parts[0]!.length, parts[1]!.length) >= 0.12 * points.length,
    });
    const nextPlane = unit(cross(outgoing, plane));
    for (const part of parts) grow(end, outgoing, part, nextPlane, endRadius);
  }

  if (targets.length > 0) grow(root, unit(heading), targets, anyDirection(random), radiusFor(targets.length));
  return branches;
}

/** Points spread over one lung, at least `margin` mm from its surface. */
export function pointsInLung(random: Random, thorax: Thorax, side: -1 | 1, count: number, margin: number): Xyz[] {
  const points: Xyz[] = [];
  while (points.length < count) {
    const at: Xyz = [
      side * between(random, 0, thorax.halfWidth),
      between(random, -thorax.halfDepth, thorax.halfDepth),
      between(random, thorax.base - 10, thorax.apex),
    ];
    if (lungDistance(thorax, at) > margin) points.push(at);
  }
  return points;
}

function centroid(points: readonly Xyz[]): Xyz {
  return scale(
    points.reduce<Xyz>((sum, point) => add(sum, point), [0, 0, 0]),
    1 / points.length,
  );
}

/** Divides points by a plane through the branch's end; off centre, so that side branches are thinner than the stem. */
function divide(random: Random, points: readonly Xyz[], end: Xyz, direction: Xyz, plane: Xyz): Xyz[][] {
  const turned = unit(add(cross(direction, plane), scale(anyDirection(random), 0.5)));
  const sides = points.map((point) => dot(subtract(point, end), turned));
  const sorted = [...sides].sort((a, b) => a - b);
  const cut = sorted[Math.min(points.length - 1, Math.max(1, Math.round(points.length * between(random, 0.2, 0.8))))]!;
  const parts = [points.filter((_, i) => sides[i]! < cut), points.filter((_, i) => sides[i]! >= cut)];
  return parts.filter((part) => part.length > 0);
}

/** A curve that leaves in the parent's direction (quadratic Bézier), in steps of about 3 mm. */
function bend(random: Random, from: Xyz, direction: Xyz, to: Xyz): Xyz[] {
  const span = length(subtract(to, from));
  const control = add(along(from, direction, 0.4 * span), scale(anyDirection(random), 0.08 * span));
  const steps = Math.max(1, Math.ceil(span / 3));
  return Array.from({ length: steps + 1 }, (_, i) => {
    const t = i / steps;
    return mix(mix(from, control, t), mix(control, to, t), t);
  });
}
