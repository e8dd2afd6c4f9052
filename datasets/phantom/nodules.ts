import type { Random } from 'seeded-random';
import { anyDirection, between, pick } from './draws';
import { add, along, distance, dot, perpendiculars, scale, type Xyz } from './geometry';
import type { Grid } from './grid';
import type { VesselSite } from './lung-trees';
import { paintBlob, type Shape } from './paint-blob';
import { paintTubes } from './paint-tube';
import { inward, lungDistance, type Thorax } from './thorax';
import { pointsInLung } from './vessel-tree';

export type NoduleKind = 'solid' | 'part-solid' | 'ground-glass';

export interface Nodule {
  centre: Xyz;
  diameter: number;
  kind: NoduleKind;
  hu: number;
  /** Calcium makes it denser than tissue, and benign. */
  calcified: boolean;
  /** Unequal axes: unit directions with a factor on the radius. */
  axes: readonly (readonly [Xyz, number])[];
  /** Bulges (lobulation): direction and height as a share of the radius. */
  lobes: readonly (readonly [Xyz, number])[];
  /** Spicules and tags: direction, length in mm. */
  spicules: readonly (readonly [Xyz, number])[];
  /** Solid core of a part-solid nodule: offset in mm and radius. */
  core: { offset: Xyz; radius: number };
  /** A vessel that feeds it, as a point to start from. */
  feeder: VesselSite | null;
}

/**
 * Diameters of LUNA16's 1,186 annotations are log-normal over a floor:
 * 3.07 mm + exp(N(1.302, 0.846²)) mm, maximum likelihood, Kolmogorov–Smirnov distance 0.044.
 */
export const DIAMETERS = { floor: 3.07, logMean: 1.302, logDeviation: 0.846, largest: 30 } as const;

export function drawDiameter(random: Random): number {
  for (;;) {
    const diameter = DIAMETERS.floor + Math.exp(DIAMETERS.logMean + DIAMETERS.logDeviation * random.normal());
    if (diameter <= DIAMETERS.largest) return diameter;
  }
}

/** Places nodules in free lung, on the wall, or on a vessel, apart from each other. */
export function drawNodules(random: Random, thorax: Thorax, vessels: readonly VesselSite[], count: number): Nodule[] {
  const nodules: Nodule[] = [];
  for (let attempt = 0; nodules.length < count && attempt < 2000; attempt++) {
    const diameter = drawDiameter(random);
    const place = drawPlace(random, thorax, vessels, diameter / 2);
    const clear = nodules.every(
      ({ centre, diameter: other }) => distance(centre, place.at) > (diameter + other) / 2 + 14,
    );
    if (clear && lungDistance(thorax, place.at) > 0) nodules.push(drawShape(random, place, diameter));
  }
  return nodules;
}

interface Place {
  at: Xyz;
  feeder: VesselSite | null;
}

function drawPlace(random: Random, thorax: Thorax, vessels: readonly VesselSite[], radius: number): Place {
  const side = random.uniform() < 0.55 ? -1 : 1;
  const free = pointsInLung(random, thorax, side, 1, Math.min(radius + 1, 9))[0]!;
  const how = random.uniform();
  const touchesVessel = how < 0.25 && vessels.length > 0;
  if (touchesVessel) {
    const vessel = pick(random, vessels);
    return { at: along(vessel.at, anyDirection(random), 0.75 * radius + vessel.radius), feeder: null };
  }
  if (how < 0.5) return { at: onWall(random, thorax, free, radius), feeder: null };
  const near = vessels.filter(({ at }) => distance(at, free) < 20 + radius);
  return { at: free, feeder: how < 0.75 && near.length > 0 ? pick(random, near) : null };
}

/** Walks from a point to the lung's surface, and back in so that the nodule sits on it with a broad or a narrow foot. */
function onWall(random: Random, thorax: Thorax, from: Xyz, radius: number): Xyz {
  let at = from;
  for (let step = 0; step < 200 && lungDistance(thorax, at) > 0.7; step++) at = along(at, inward(thorax, at), -0.7);
  return along(at, inward(thorax, at), radius * between(random, 0.35, 0.85) + 0.5);
}

function drawShape(random: Random, { at, feeder }: Place, diameter: number): Nodule {
  const roll = random.uniform();
  const kind: NoduleKind = roll < 0.76 || diameter < 5 ? 'solid' : roll < 0.88 ? 'part-solid' : 'ground-glass';
  const radius = diameter / 2;
  const first = anyDirection(random);
  const [second, third] = perpendiculars(first);
  const lobed = random.uniform();
  const spiculated = kind !== 'ground-glass' && diameter > 6 && random.uniform() < 0.35;
  const calcified = kind === 'solid' && !spiculated && random.uniform() < 0.09;
  return {
    centre: at,
    diameter,
    kind,
    hu: kind === 'ground-glass' ? between(random, -640, -430) : between(random, 0, 70) + (calcified ? 300 : 0),
    calcified,
    axes: [
      [first, between(random, 0.98, 1.18)],
      [second, between(random, 0.88, 1.05)],
      [third, between(random, 0.82, 1.0)],
    ],
    lobes: Array.from({ length: lobed < 0.35 ? 0 : 3 + random.integer(5) }, () => [
      anyDirection(random),
      between(random, -0.12, 0.22),
    ]),
    spicules: Array.from({ length: spiculated ? 7 + random.integer(9) : 0 }, () => [
      anyDirection(random),
      between(random, 2, 4 + radius),
    ]),
    core: { offset: scale(anyDirection(random), 0.25 * radius), radius: radius * between(random, 0.35, 0.6) },
    feeder,
  };
}

/** HU of well-aired lung, from which a nodule's contrast counts. */
const LUNG = -860;

/** `contrast` is a factor on how much denser than lung the nodule is. */
export function paintNodule(grid: Grid, nodule: Nodule, blood: number, contrast: number): void {
  const { centre, diameter, kind, core } = nodule;
  const faded = (hu: number) => LUNG + contrast * (hu - LUNG);
  const hu = faded(nodule.hu);
  const radius = diameter / 2;
  const shape = noduleShape(nodule);
  if (nodule.feeder) {
    const { at, radius: wide } = nodule.feeder;
    paintTubes(grid, [at, add(scale(add(at, centre), 0.5), [0.6, -0.8, 0.5]), centre], [0.8 * wide, 0.6 * wide], blood);
  }
  for (const [direction, reach] of nodule.spicules) {
    paintTubes(
      grid,
      [along(centre, direction, 0.8 * radius), along(centre, direction, radius + reach)],
      [0.8, 0.25],
      faded(-60),
    );
  }
  if (kind === 'solid') {
    paintBlob(grid, centre, 1.6 * radius + 1, shape, { hu: () => hu });
    return;
  }
  const glass = kind === 'ground-glass' ? hu : faded(-560);
  paintBlob(grid, centre, 1.6 * radius + 2, shape, {
    hu: (_, dx, dy, dz) => glass + 45 * Math.sin(0.9 * dx + 0.5 * dz) * Math.sin(0.8 * dy - 0.4 * dz),
    softness: 1.6,
  });
  if (kind === 'part-solid') {
    const solid: Shape = (dx, dy, dz) => core.radius - Math.sqrt(dx * dx + dy * dy + dz * dz);
    paintBlob(grid, add(centre, core.offset), core.radius + 1, solid, { hu: () => hu });
  }
}

/** How far the nodule's ellipsoid reaches from its middle along x, y and z, mm. */
export function noduleReach({ axes, diameter }: Nodule): Xyz {
  const along = (axis: 0 | 1 | 2) =>
    (diameter / 2) * Math.sqrt(axes.reduce((sum, [direction, factor]) => sum + (factor * direction[axis]) ** 2, 0));
  return [along(0), along(1), along(2)];
}

function noduleShape({ axes, lobes, diameter }: Nodule): Shape {
  const radius = diameter / 2;
  return (dx, dy, dz) => {
    const offset: Xyz = [dx, dy, dz];
    const d = Math.sqrt(dx * dx + dy * dy + dz * dz) + 1e-6;
    let stretched = 0;
    for (const [direction, factor] of axes) stretched += (dot(offset, direction) / factor) ** 2;
    let bulge = 1;
    for (const [direction, height] of lobes) {
      const cosine = dot(offset, direction) / d;
      if (cosine > 0) bulge += height * cosine ** 4;
    }
    return radius * bulge - Math.sqrt(stretched);
  };
}
