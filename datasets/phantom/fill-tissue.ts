import type { Random } from 'seeded-random';
import { drawDisease } from './diffuse-disease';
import type { Xyz } from './geometry';
import type { Grid } from './grid';
import type { Fissure, Lungs } from './lungs';
import { smoothed, standardised, whiteTile, type NoiseTile } from './noise';
import { cageDistance, diaphragmDistance, lungWithin, mediastinumDistance, type Thorax } from './thorax';

/** The texture of lung repeats after this many voxels and slices. */
const TILE_SIDE = 64;
const TILE_PLANES = 32;

/** Step of the lattice on which the smooth shapes are evaluated, mm; between its points they are interpolated. */
const LATTICE = 4;

/** What the shapes are at each point of the lattice, x fastest. */
interface Lattice {
  size: Xyz;
  /** Millimetres inside the lung, millimetres inside the rib cage, HU of what is inside the cage but not lung. */
  lung: Float32Array;
  cage: Float32Array;
  inner: Float32Array;
}

/** Fills every voxel with lung, chest wall, mediastinum, abdomen or the air around: all but what is painted on top. */
export function fillTissue(grid: Grid, thorax: Thorax, lungs: Lungs, random: Random): void {
  const lattice = evaluate(grid, thorax, random);
  const wall = chestWall(thorax);
  const texture = parenchyma(grid, random.fork('parenchyma'));
  const diseaseAt = drawDisease(grid, thorax, lungs, random.fork('disease'));
  const { columns, rows, slices, spacing, origin } = grid;
  const lungRow = new Float32Array(lattice.size[0]);
  const cageRow = new Float32Array(lattice.size[0]);
  const innerRow = new Float32Array(lattice.size[0]);
  const step = spacing[0] / LATTICE;

  for (let k = 0; k < slices; k++) {
    const disease = diseaseAt?.(origin[2] + k * spacing[2]);
    for (let j = 0; j < rows; j++) {
      const z = (k * spacing[2]) / LATTICE;
      const y = (j * spacing[1]) / LATTICE;
      interpolateRow(lattice.lung, lattice.size, y, z, lungRow);
      interpolateRow(lattice.cage, lattice.size, y, z, cageRow);
      interpolateRow(lattice.inner, lattice.size, y, z, innerRow);
      const base = lungs.density + lungs.dependence * (origin[1] + j * spacing[1]);
      const tile = ((k & (TILE_PLANES - 1)) * TILE_SIDE + (j & (TILE_SIDE - 1))) * TILE_SIDE;
      const row = (k * rows + j) * columns;
      for (let i = 0; i < columns; i++) {
        const at = i * step;
        const cell = at | 0;
        const part = at - cell;
        const lung = lungRow[cell]! + part * (lungRow[cell + 1]! - lungRow[cell]!);
        let cover = lung / spacing[0] + 0.5;
        cover = cover < 0 ? 0 : cover > 1 ? 1 : cover;
        let value = 0;
        if (cover < 1) {
          const cage = cageRow[cell]! + part * (cageRow[cell + 1]! - cageRow[cell]!);
          const tissue =
            cage > 0
              ? innerRow[cell]! + part * (innerRow[cell + 1]! - innerRow[cell]!)
              : wall[Math.min(wall.length - 1, (-cage * 4) | 0)]!;
          value = (1 - cover) * tissue;
        }
        if (cover > 0) {
          const place = tile + (i & (TILE_SIDE - 1));
          const well = base + texture.values[place]!;
          value += cover * (disease ? disease(well, lung, place) : well);
        }
        grid.hu[row + i] = value;
      }
    }
  }
  for (const [side, fissure] of lungs.fissures.entries()) paintFissure(grid, lattice, fissure, side === 0 ? -1 : 1);
}

/** A double layer of pleura, thinner than any voxel: a faint line where it stands steep to the slice, a haze where not. */
function paintFissure(grid: Grid, { lung, size }: Lattice, { middle, slope, phase }: Fissure, side: -1 | 1): void {
  const { columns, rows, slices, spacing, origin } = grid;
  const tilt = Math.sqrt(1 + slope * slope);
  // Half of what the sheet's normal sees of a voxel, and the HU that half a millimetre of tissue adds to it.
  const reach = Math.max(spacing[2], slope * spacing[1]) / tilt;
  const added = (850 * 0.45) / reach;
  const lungRow = new Float32Array(size[0]);
  for (let k = 0; k < slices; k++) {
    for (let j = 0; j < rows; j++) {
      const height = origin[2] + k * spacing[2] - middle - slope * (origin[1] + j * spacing[1]);
      if (Math.abs(height) / tilt > reach + 7) continue;
      interpolateRow(lung, size, (j * spacing[1]) / LATTICE, (k * spacing[2]) / LATTICE, lungRow);
      const row = (k * rows + j) * columns;
      for (let i = 0; i < columns; i++) {
        const x = origin[0] + i * spacing[0];
        if (x * side < 0) continue;
        const off = Math.abs(height + 7 * Math.sin(0.035 * x + phase)) / tilt;
        if (off >= reach || lungRow[((i * spacing[0]) / LATTICE) | 0]! < 1) continue;
        grid.hu[row + i] = grid.hu[row + i]! + added * (1 - off / reach);
      }
    }
  }
}

function evaluate(grid: Grid, thorax: Thorax, random: Random): Lattice {
  const extent = (count: number, spacing: number) => Math.ceil(((count - 1) * spacing) / LATTICE) + 2;
  const size: Xyz = [
    extent(grid.columns, grid.spacing[0]),
    extent(grid.rows, grid.spacing[1]),
    extent(grid.slices, grid.spacing[2]),
  ];
  const count = size[0] * size[1] * size[2];
  const lung = new Float32Array(count);
  const cage = new Float32Array(count);
  const inner = new Float32Array(count);
  const fat = standardised(smoothed(whiteTile(random.fork('fat'), 32, 32), 2.2, 2.2));
  let index = 0;
  for (let k = 0; k < size[2]; k++) {
    for (let j = 0; j < size[1]; j++) {
      for (let i = 0; i < size[0]; i++, index++) {
        const at: Xyz = [grid.origin[0] + i * LATTICE, grid.origin[1] + j * LATTICE, grid.origin[2] + k * LATTICE];
        const clump = fat.values[((k & 31) * 32 + (j & 31)) * 32 + (i & 31)]!;
        const inCage = cageDistance(thorax, at);
        cage[index] = inCage + padding(at) * Math.min(1, Math.max(0, -inCage / 12)) + 0.5 * clump;
        if (inCage < -2 * LATTICE) {
          lung[index] = inCage;
          continue;
        }
        const aboveDiaphragm = diaphragmDistance(thorax, at);
        lung[index] = lungWithin(inCage, aboveDiaphragm, mediastinumDistance(thorax, at));
        const organ = aboveDiaphragm < 0 ? 58 : clump > 0.2 ? -75 : 32;
        inner[index] = organ + 6 * clump;
      }
    }
  }
  return { size, lung, cage, inner };
}

/** Millimetres by which the chest wall is thicker: beside the spine, and at the shoulders. */
function padding([x, y, z]: Xyz): number {
  const back = y > 0 ? 15 / (1 + (x / 55) ** 4) : 0;
  const shoulders = Math.min(1, Math.max(0, (z - 5) / 60)) * Math.min(1, Math.abs(x) / 60);
  return back + 30 * shoulders;
}

/** HU by depth under the inside of the rib cage, in quarters of a millimetre: pleura and intercostal muscle, muscle, fat, skin, air. */
function chestWall(thorax: Thorax): Float32Array {
  const ribs = 9;
  const skin = ribs + thorax.muscle + thorax.fat;
  return Float32Array.from({ length: 400 }, (_, i) => {
    const depth = i / 4;
    if (depth < 2) return 25;
    if (depth < ribs) return 12;
    if (depth < ribs + 1.2) return -40;
    if (depth < ribs + thorax.muscle) return 52;
    if (depth < skin) return -102;
    return depth < skin + 1.8 ? 20 : -1000;
  });
}

/** HU that vary through lung: lobules of a few millimetres, and what is finer than a scan resolves. */
function parenchyma(grid: Grid, random: Random): NoiseTile {
  const white = whiteTile(random, TILE_PLANES, TILE_SIDE);
  const [pixel, , slice] = grid.spacing;
  const lobules = standardised(smoothed(white, 2.4 / pixel, 2.4 / slice));
  const fine = standardised(smoothed(white, 0.7 / pixel, 0.7 / slice));
  return { ...white, values: white.values.map((_, i) => 13 * lobules.values[i]! + 22 * fine.values[i]!) };
}

/** Bilinear interpolation of a lattice in y and z: one row of values along x. */
function interpolateRow(values: Float32Array, size: Xyz, y: number, z: number, row: Float32Array): void {
  const j = y | 0;
  const k = z | 0;
  const v = y - j;
  const w = z - k;
  const a = (k * size[1] + j) * size[0];
  const b = a + size[0];
  const c = a + size[0] * size[1];
  const d = c + size[0];
  const wa = (1 - v) * (1 - w);
  const wb = v * (1 - w);
  const wc = (1 - v) * w;
  const wd = v * w;
  for (let i = 0; i < size[0]; i++) {
    row[i] = wa * values[a + i]! + wb * values[b + i]! + wc * values[c + i]! + wd * values[d + i]!;
  }
}
