import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from 'seeded-random';
import { type Volume, writeVolume } from '../../datasets';

const SIZE = [20, 36, 36] as const;
const PATIENTS = 10;
/** Middles of the lesions: slice, row, column. */
const PLACES = [8, 26].flatMap((row) => [8, 17, 26].map((column) => [10, row, column] as const));

/**
 * Another task than LUNA16's: is a lesion in the liver calcified? Ten small NIfTI scans, each of another spacing, with
 * six lesions; a calcified one has a bright core.
 */
export async function writeLesionDataset(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const rows = ['file,patient_id,i,j,k,label,diameter_mm'];
  for (let patient = 0; patient < PATIENTS; patient++) {
    const file = `scan-${patient}.nii.gz`;
    const random = seededRandom(`lesions ${patient}`);
    const hu = new Int16Array(SIZE[0] * SIZE[1] * SIZE[2]).map(() => 60 + 15 * random.normal());
    PLACES.forEach(([slice, row, column], lesion) => {
      const calcified = lesion % 2 === 0;
      paintBall(hu, [slice, row, column], 3, 20);
      if (calcified) paintBall(hu, [slice, row, column], 1.5, 350 + 60 * random.normal());
      rows.push(`${file},patient-${patient},${column},${row},${slice},${calcified ? 'calcified' : 'soft'},6`);
    });
    await writeVolume(join(dir, file), scanOf(hu, 0.9 + 0.05 * patient));
  }
  await writeFile(join(dir, 'labels.csv'), `${rows.join('\n')}\n`);
  await writeFile(
    join(dir, 'dataset.yaml'),
    'name: liver-lesions\nlabels: [soft, calcified]\ncoordinates: voxel\nsynthetic: true\n',
  );
}

function scanOf(hu: Int16Array, spacing: number): Volume {
  // As NIfTI files mostly are: rows and columns run towards right and front, not as in LPS.
  const direction = [-1, 0, 0, 0, -1, 0, 0, 0, 1];
  return { hu, size: SIZE, spacingXyz: [spacing, spacing, 1.5], originXyz: [20, 30, -100], direction };
}

function paintBall(hu: Int16Array, [s, r, c]: readonly [number, number, number], radius: number, value: number): void {
  const reach = Math.ceil(radius);
  for (let slice = -reach; slice <= reach; slice++) {
    for (let row = -reach; row <= reach; row++) {
      for (let column = -reach; column <= reach; column++) {
        if (Math.hypot(slice, row, column) > radius) continue;
        hu[((s + slice) * SIZE[1] + r + row) * SIZE[2] + c + column] = value;
      }
    }
  }
}
