import type { Random } from 'seeded-random';
import { add, cross, distance, perpendiculars, scale, subtract, unit, type Xyz } from './geometry';
import type { Grid } from './grid';
import { paintBlob } from './paint-blob';
import { paintTubes } from './paint-tube';
import type { Protocol } from './protocol';
import type { Thorax } from './thorax';
import { growTree, pointsInLung, type Branch } from './vessel-tree';

/** The vessels of both lungs, and the bronchi that run beside the arteries. */
export interface LungTrees {
  arteries: Branch[];
  veins: Branch[];
  bronchi: Branch[];
}

const ARTERY_TWIGS = 700;
const VEIN_TWIGS = 500;
/** Bronchi beside arteries with fewer twigs than this are too small to be seen. */
const SMALLEST_BRONCHUS_TWIGS = 40;

const hilum = (side: -1 | 1): Xyz => [side * 24, 6, 2];

/** `density` is a factor on how many twigs there are. */
export function growLungTrees(random: Random, thorax: Thorax, density: number): LungTrees {
  const trees: LungTrees = { arteries: [], veins: [], bronchi: [] };
  for (const side of [-1, 1] as const) {
    const stream = random.fork(`lung ${side}`);
    const [x, y, z] = hilum(side);
    const arteries = growTree(
      stream,
      thorax,
      [x, y, z],
      [side, 0.2, 0],
      pointsInLung(stream, thorax, side, Math.round(density * ARTERY_TWIGS), 2),
    );
    trees.arteries.push(...arteries);
    trees.veins.push(
      ...growTree(
        stream,
        thorax,
        [x, y - 10, z - 14],
        [side, 0, -0.2],
        pointsInLung(stream, thorax, side, Math.round(density * VEIN_TWIGS), 2),
      ),
    );
    trees.bronchi.push(...arteries.filter(({ twigs }) => twigs >= SMALLEST_BRONCHUS_TWIGS).map(bronchusBeside));
  }
  return trees;
}

/** The bronchus that runs beside an artery, a little narrower, touching it. */
function bronchusBeside(artery: Branch): Branch {
  const shift = (radius: number, direction: Xyz): Xyz => {
    const [across, up] = perpendiculars(direction);
    const towards = unit(add(scale(cross(direction, [0, 1, 0]), 1), scale(add(across, up), 0.2)));
    return scale(towards, radius * 1.95 + 0.3);
  };
  const { points, startRadius, endRadius } = artery;
  const moved = points.map((point, i) => {
    const next = points[Math.min(points.length - 1, i + 1)]!;
    const previous = points[Math.max(0, i - 1)]!;
    const radius = startRadius + ((endRadius - startRadius) * i) / (points.length - 1);
    return add(point, shift(radius, unit(subtract(next, previous))));
  });
  return { ...artery, points: moved, startRadius: 0.72 * startRadius, endRadius: 0.72 * endRadius };
}

export function paintLungTrees(grid: Grid, trees: LungTrees, protocol: Protocol): void {
  for (const { points, startRadius, endRadius } of [...trees.veins, ...trees.arteries]) {
    paintTubes(grid, points, [startRadius, endRadius], protocol.blood);
  }
  const wall = (radius: number) => radius * 1.22 + 0.35;
  for (const { points, startRadius, endRadius } of trees.bronchi) {
    paintTubes(grid, points, [wall(startRadius), wall(endRadius)], -60);
  }
  for (const { points, startRadius, endRadius } of trees.bronchi) {
    paintTubes(grid, points, [startRadius, endRadius], -980, 'darken');
  }
}

/** Heart, great vessels, windpipe and main bronchi, gullet. */
export function paintMediastinum(grid: Grid, thorax: Thorax, protocol: Protocol): void {
  const { heart, aorta } = thorax;
  const blood = protocol.blood;
  paintBlob(
    grid,
    heart.centre,
    heart.radii,
    (dx, dy, dz) => {
      const a = dx / heart.radii[0];
      const b = dy / heart.radii[1];
      const c = dz / heart.radii[2];
      return (1 - Math.sqrt(a * a + b * b + c * c)) * 36;
    },
    // Chambers show only with contrast medium.
    { hu: (depth, dx, dy, dz) => (depth > 6 && Math.abs(dx + 0.6 * dy + 0.3 * dz) > 4 ? blood : 48) },
  );
  const arch = thorax.apex * 0.52;
  const aorticArch: Xyz[] = [
    [8, -24, -8],
    [-2, -22, arch - 14],
    [2, -16, arch],
    [aorta.x - 2, 8, arch + 3],
    [aorta.x, aorta.y, arch - 8],
    [aorta.x, aorta.y, thorax.base - 40],
  ];
  paintTubes(grid, aorticArch, [aorta.radius + 3, aorta.radius], blood);
  paintTubes(
    grid,
    [
      [14, -24, -6],
      [6, -8, 8],
      [-22, 4, 4],
    ],
    [9, 6],
    blood,
  );
  paintTubes(
    grid,
    [
      [8, -10, 8],
      [24, 6, 4],
    ],
    [8, 6],
    blood,
  );
  paintTubes(
    grid,
    [
      [-13, -14, 60],
      [-14, -12, -20],
    ],
    [6, 8],
    blood,
  );
  for (const side of [-1, 1] as const) {
    paintTubes(
      grid,
      [
        [side * 10, -4, -16],
        [side * 24, -4, -12],
      ],
      [7, 5],
      blood,
    );
  }
  paintTubes(
    grid,
    [
      [4, aorta.y - 2, thorax.apex],
      [5, aorta.y - 6, thorax.base],
    ],
    [5, 5],
    34,
  );
  paintAirways(grid, thorax);
}

function paintAirways(grid: Grid, thorax: Thorax): void {
  const carina: Xyz = [0, 2, 16];
  const trunks: [Xyz[], readonly [number, number]][] = [
    [
      [[0, 6, thorax.apex + 20], [0, 4, 50], carina],
      [7.5, 7],
    ],
    [
      [carina, [-12, 6, 8], [-28, 8, 2]],
      [6, 3.8],
    ],
    [
      [carina, [14, 7, 6], [29, 9, 1]],
      [5.5, 3.6],
    ],
  ];
  for (const [points, [start, end]] of trunks) paintTubes(grid, points, [start + 1.3, end + 1.1], 10);
  for (const [points, radii] of trunks) paintTubes(grid, points, radii, -1000, 'darken');
}

/** A point where two different vessels pass close by each other, or a fork, or a stretch that runs head to foot. */
export interface VesselSite {
  at: Xyz;
  radius: number;
}

export function forkSites(branches: readonly Branch[], smallest: number, widest: number): VesselSite[] {
  return branches
    .filter(({ forks, endRadius }) => forks && endRadius >= smallest && endRadius <= widest)
    .map(({ points, endRadius }) => ({ at: points.at(-1)!, radius: endRadius }));
}

/** Where a vessel runs head to foot, a slice cuts it round, like a nodule. */
export function cutSites(branches: readonly Branch[], smallest: number, widest: number): VesselSite[] {
  const sites: VesselSite[] = [];
  for (const { points, startRadius, endRadius } of branches) {
    const radius = (startRadius + endRadius) / 2;
    if (radius < smallest || radius > widest || points.length < 3) continue;
    const direction = unit(subtract(points.at(-1)!, points[0]!));
    if (Math.abs(direction[2]) > 0.8) sites.push({ at: points[points.length >> 1]!, radius });
  }
  return sites;
}

/** Where an artery and a vein cross without touching much. */
export function crossingSites(trees: LungTrees, smallest: number): VesselSite[] {
  const wide = (branches: readonly Branch[]) => branches.filter(({ endRadius }) => endRadius >= smallest);
  const sites: VesselSite[] = [];
  for (const artery of wide(trees.arteries)) {
    for (const vein of wide(trees.veins)) {
      for (const a of artery.points) {
        const b = vein.points.find((point) => distance(point, a) < artery.endRadius + vein.endRadius + 0.8);
        if (b) {
          sites.push({ at: scale(add(a, b), 0.5), radius: Math.max(artery.endRadius, vein.endRadius) });
          break;
        }
      }
    }
  }
  return sites;
}
