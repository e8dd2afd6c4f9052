import type { Random } from 'seeded-random';
import type { Irc } from '../volume';
import type { AugmentationConfig } from './config';

/**
 * Where each voxel of the result is taken from: three rows of four numbers. Row `a` times (slice, row, column, 1) of the
 * result gives the place along axis `a` of the source; whole places are voxel centres.
 */
export type Affine = readonly number[];

type Triple = [number, number, number];
type Square = [Triple, Triple, Triple];

/** Draws a map about the middle of the patch. How many random numbers it takes does not depend on the config. */
export function drawAffine(config: AugmentationConfig, size: Irc, random: Random): Affine {
  const axes = size.map((length) => {
    const mirrored = random.uniform() > 0.5 && config.flip ? -1 : 1;
    const shift = config.shift * symmetric(random) * (length / 2);
    return { stretch: mirrored * (1 + config.scale * symmetric(random)), shift };
  });
  const inPlane = angle(config.rotate, random);
  const zoom = 1 + config.zoom * symmetric(random);
  const aboutRow = angle(config.tilt, random);
  const aboutColumn = angle(config.tilt, random);
  // First the tilts, then the turn in the plane, then each axis its stretch.
  const turned = times(turn(1, 2, inPlane), times(turn(0, 2, aboutRow), turn(0, 1, aboutColumn)));
  return axes.flatMap(({ stretch, shift }, axis) => {
    const row = turned[axis]!.map((value) => value * stretch * zoom) as Triple;
    const middle = (size[axis]! - 1) / 2;
    const offset = row.reduce((sum, value, from) => sum + (value * (size[from]! - 1)) / 2, 0);
    return [...row, middle + shift - offset];
  });
}

/** Turns axis `a` towards axis `b`. */
function turn(a: 0 | 1, b: 1 | 2, by: number): Square {
  const matrix: Square = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  const [sin, cos] = [Math.sin(by), Math.cos(by)];
  matrix[a][a] = cos;
  matrix[b][b] = cos;
  matrix[a][b] = sin;
  matrix[b][a] = -sin;
  return matrix;
}

function times(left: Square, right: Square): Square {
  return left.map((row) =>
    [0, 1, 2].map((column) => row.reduce((sum, v, k) => sum + v * right[k]![column]!, 0)),
  ) as Square;
}

function angle(range: boolean | number, random: Random): number {
  const limit = range === true ? Math.PI : range === false ? 0 : (range * Math.PI) / 180;
  return limit * symmetric(random);
}

function symmetric(random: Random): number {
  return random.uniform() * 2 - 1;
}
