import type { Random } from 'seeded-random';
import { anyDirection, between } from './draws';
import { add, along, distance, perpendiculars, scale, unit, type Xyz } from './geometry';
import type { Grid } from './grid';
import { crossingSites, cutSites, forkSites, type LungTrees } from './lung-trees';
import { paintBlob } from './paint-blob';
import { paintTubes } from './paint-tube';
import { inward, lungDistance, type Thorax } from './thorax';
import { pointsInLung } from './vessel-tree';

/** What a detector takes for a nodule, by what it really is. */
export type FalseKind =
  'fork' | 'crossing' | 'cut-vessel' | 'wall-bump' | 'scar' | 'bronchus' | 'reticulation' | 'wall' | 'lung';

/** How many of each kind a scan has; from the hardest to the plain. Reticulation only in a patient with fibrosis. */
export const FALSE_KINDS: Readonly<Record<FalseKind, number>> = {
  fork: 4,
  crossing: 2,
  'cut-vessel': 3,
  'wall-bump': 1,
  scar: 3,
  bronchus: 3,
  reticulation: 3,
  wall: 6,
  lung: 8,
};

export interface FalseCandidate {
  at: Xyz;
  kind: FalseKind;
}

/** Things that are no nodules, yet painted for a detector to err on. */
export type Distractor =
  | { kind: 'wall-bump'; centre: Xyz; inward: Xyz; height: number; width: number; hu: number }
  | { kind: 'scar'; centre: Xyz; strands: readonly (readonly [Xyz, Xyz, number])[]; hu: number };

export function drawDistractors(random: Random, thorax: Thorax): Distractor[] {
  const wall = () => wallPoint(random, thorax);
  return [
    ...Array.from({ length: FALSE_KINDS['wall-bump'] + 1 }, () => drawBump(random, thorax, wall())),
    ...Array.from({ length: FALSE_KINDS.scar + 1 }, () => drawScar(random, thorax, wall())),
  ];
}

/** A thickening of the pleura: much wider than high, unlike a nodule on the wall. */
function drawBump(random: Random, thorax: Thorax, at: Xyz): Distractor {
  const height = between(random, 1.5, 3.6);
  return {
    kind: 'wall-bump',
    centre: at,
    inward: inward(thorax, at),
    height,
    width: height * between(random, 2.2, 4),
    hu: between(random, 10, 60),
  };
}

/** A bundle of strands from the wall into the lung. */
function drawScar(random: Random, thorax: Thorax, at: Xyz): Distractor {
  const into = unit(add(inward(thorax, at), scale(anyDirection(random), 0.7)));
  const [across] = perpendiculars(into);
  const reach = between(random, 9, 24);
  const strands = Array.from({ length: 2 + random.integer(4) }, () => {
    const start = along(along(at, across, between(random, -4, 4)), into, between(random, -3, 2));
    const end = along(along(start, into, reach * between(random, 0.5, 1)), anyDirection(random), 0.25 * reach);
    return [start, end, between(random, 0.5, 1.2)] as const;
  });
  return {
    kind: 'scar',
    centre: along(at, into, reach * between(random, 0.2, 0.5)),
    strands,
    hu: between(random, -80, 40),
  };
}

function wallPoint(random: Random, thorax: Thorax): Xyz {
  const side = random.uniform() < 0.5 ? -1 : 1;
  let at = pointsInLung(random, thorax, side, 1, 4)[0]!;
  for (let step = 0; step < 200 && lungDistance(thorax, at) > 0.5; step++) at = along(at, inward(thorax, at), -0.5);
  return at;
}

export function paintDistractor(grid: Grid, distractor: Distractor): void {
  const { centre, hu } = distractor;
  if (distractor.kind === 'scar') {
    for (const [from, to, radius] of distractor.strands) paintTubes(grid, [from, to], [radius, 0.5 * radius], hu);
    return;
  }
  const { inward: up, height, width } = distractor;
  const shape = (dx: number, dy: number, dz: number): number => {
    const rise = dx * up[0] + dy * up[1] + dz * up[2];
    const flat = Math.max(0, dx * dx + dy * dy + dz * dz - rise * rise);
    return (1 - Math.sqrt((rise / height) ** 2 + flat / (width * width))) * height;
  };
  paintBlob(grid, centre, width + 1, shape, { hu: () => hu });
}

/** Where the false candidates of a scan lie: as many of each kind as there are, away from nodules and each other. */
export function findFalseCandidates(
  random: Random,
  thorax: Thorax,
  trees: LungTrees,
  distractors: readonly Distractor[],
  { fibrotic, lookalikes }: { fibrotic: boolean; lookalikes: number },
  isFree: (at: Xyz, taken: readonly Xyz[]) => boolean,
): FalseCandidate[] {
  const vessels = [...trees.arteries, ...trees.veins];
  const sites = (kind: Distractor['kind']) => distractors.filter((d) => d.kind === kind).map((d) => d.centre);
  const places: Record<FalseKind, Xyz[]> = {
    fork: forkSites(vessels, 0.8, 2.6).map(({ at }) => at),
    crossing: crossingSites(trees, 0.7).map(({ at }) => at),
    'cut-vessel': cutSites(vessels, 0.7, 2.2).map(({ at }) => at),
    'wall-bump': sites('wall-bump'),
    scar: sites('scar'),
    bronchus: forkSites(trees.bronchi, 0.8, 2.2).map(({ at }) => at),
    reticulation: fibrotic ? Array.from({ length: 60 }, () => wallPoint(random, thorax)).filter(isBasal(thorax)) : [],
    wall: Array.from({ length: 30 }, () => wallPoint(random, thorax)),
    lung: [-1, 1].flatMap((side) => pointsInLung(random, thorax, side as -1 | 1, 15, 6)),
  };
  const found: FalseCandidate[] = [];
  for (const kind of Object.keys(FALSE_KINDS) as FalseKind[]) {
    const factor = kind === 'wall' || kind === 'lung' ? 2 - lookalikes : lookalikes;
    let left = Math.round(FALSE_KINDS[kind] * factor);
    for (const place of random.shuffle(places[kind])) {
      if (left === 0) break;
      const at = along(place, anyDirection(random), between(random, 0, 1.2));
      if (
        !isFree(
          at,
          found.map((candidate) => candidate.at),
        )
      )
        continue;
      found.push({ at, kind });
      left--;
    }
  }
  return found;
}

const isBasal =
  ({ base, apex }: Thorax) =>
  ([, , z]: Xyz): boolean =>
    z < base + 0.35 * (apex - base);

export const farFrom = (at: Xyz, others: readonly Xyz[], gap: number): boolean =>
  others.every((other) => distance(at, other) > gap);
