import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Irc, type Volume, type Xyz, ircToXyz, writeMetaImage } from '../../datasets';

/** One bright ball in each scan: where its candidate and its annotation are. */
export const BALL_MM = 14;
/** In the second scan a nodule was annotated where no candidate says nodule. */
export const MISSED_MM = 6;
export const BALL_HU = 700;

const SIZE: Irc = [40, 56, 64];
const BALL_IRC: Irc = [14, 33, 20];
const ELSEWHERE_IRC: Irc = [25, 12, 45];

const cos = Math.cos(0.35);
const sin = Math.sin(0.35);

/** Directions of scans that a viewer may get wrong, each by the UID of its scan. */
export const DIRECTIONS: Record<string, readonly number[]> = {
  '1.1.1': [1, 0, 0, 0, 1, 0, 0, 0, 1],
  // Columns towards the right and slices towards the feet.
  '1.1.2': [-1, 0, 0, 0, 1, 0, 0, 0, -1],
  // Turned about the z axis by 20°.
  '1.1.3': [cos, sin, 0, -sin, cos, 0, 0, 0, 1],
  // A coronal acquisition: rows run down the body, slices from front to back; and turned.
  '1.1.4': [cos, sin, 0, 0, 0, -1, -sin, cos, 0],
};

export const SERIES = Object.keys(DIRECTIONS);

/** A scan whose neighbouring voxels differ, so that a value tells its voxel from the ones beside it. */
export function scanOf(seriesUid: string): Volume {
  const [slices, rows, columns] = SIZE;
  const volume: Volume = {
    hu: new Int16Array(slices * rows * columns),
    size: SIZE,
    spacingXyz: [0.8, 0.7, 1.5],
    originXyz: [-31.25, 12.5, -140.75],
    direction: DIRECTIONS[seriesUid]!,
  };
  const { spacingXyz } = volume;
  for (let slice = 0, i = 0; slice < slices; slice++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, i++) {
        const mm = [
          (slice - BALL_IRC[0]) * spacingXyz[2],
          (row - BALL_IRC[1]) * spacingXyz[1],
          (column - BALL_IRC[2]) * spacingXyz[0],
        ];
        const texture = (slice * 7 + row * 3 + column) % 200;
        volume.hu[i] = Math.hypot(...mm) <= BALL_MM / 2 ? BALL_HU + texture : texture - 1000;
      }
    }
  }
  return volume;
}

export function ballXyz(seriesUid: string): Xyz {
  return ircToXyz(BALL_IRC, scanOf(seriesUid));
}

export function elsewhereXyz(seriesUid: string): Xyz {
  return ircToXyz(ELSEWHERE_IRC, scanOf(seriesUid));
}

/** Writes these scans as a dataset: in each one nodule (the ball), and two places that are none. */
export async function makeViewWorld(): Promise<string> {
  const dir = join(await mkdtemp(join(tmpdir(), 'view-')), 'four directions');
  await mkdir(join(dir, 'subset0'), { recursive: true });
  const candidates = ['seriesuid,coordX,coordY,coordZ,class'];
  const annotations = ['seriesuid,coordX,coordY,coordZ,diameter_mm'];
  annotations.push(`${SERIES[1]!},${elsewhereXyz(SERIES[1]!).join()},${MISSED_MM}`);
  const patients = ['seriesuid,patient_id'];
  for (const uid of SERIES) {
    await writeMetaImage(join(dir, 'subset0', `${uid}.mhd`), scanOf(uid));
    const [x, y, z] = elsewhereXyz(uid);
    candidates.push(
      `${uid},${elsewhereXyz(uid).join()},0`,
      `${uid},${ballXyz(uid).join()},1`,
      `${uid},${x},${y},${z - 3},0`,
    );
    annotations.push(`${uid},${ballXyz(uid).join()},${BALL_MM}`);
    patients.push(`${uid},Ann Example`);
  }
  for (const [name, lines] of Object.entries({ candidates_V2: candidates, annotations, patients })) {
    await writeFile(join(dir, `${name}.csv`), `${lines.join('\n')}\n`);
  }
  return dir;
}
