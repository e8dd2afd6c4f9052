import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IDENTITY_DIRECTION, type Volume, type Xyz, writeMetaImage } from '../../datasets';

/** Four scans of three patients in three subsets, with nothing wrong in them: something for a test to spoil. */
export interface SmallDataset {
  dir: string;
  uids: string[];
  /** Where the annotated nodule of every scan is. */
  nodule: Xyz;
}

export const SMALL_PATIENTS = ['ann', 'bob', 'bob', 'cem'];

export async function writeSmallDataset(): Promise<SmallDataset> {
  const dir = await mkdtemp(join(tmpdir(), 'small-dataset-'));
  const uids = [0, 1, 2, 3].map((i) => `1.2.826.${i}`);
  for (const i of uids.keys()) {
    await writeMetaImage(scanFile(dir, uids, i), smallChest(i), { compressed: i === 3 });
  }
  const nodule: Xyz = [-30, -140, -150];
  const table = (header: string, line: (uid: string, i: number) => string[]) =>
    `${[header, ...uids.flatMap(line)].join('\n')}\n`;
  const candidates = (uid: string) => [`${uid},-30,-140,-150,1`, `${uid},60,-140,-140,0`];
  await writeFile(join(dir, 'candidates_V2.csv'), table('seriesuid,coordX,coordY,coordZ,class', candidates));
  const annotations = (uid: string) => [`${uid},-30.5,-140,-150,8`];
  await writeFile(join(dir, 'annotations.csv'), table('seriesuid,coordX,coordY,coordZ,diameter_mm', annotations));
  await writeFile(
    join(dir, 'patients.csv'),
    table('seriesuid,patient_id', (uid, i) => [`${uid},${SMALL_PATIENTS[i]!}`]),
  );
  return { dir, uids, nodule };
}

/** One scan, two and one in three subsets. */
export function scanFile(dir: string, uids: readonly string[], i: number): string {
  return join(dir, `subset${i === 0 ? 0 : i < 3 ? 1 : 2}`, `${uids[i]!}.mhd`);
}

/** 300 × 300 × 120 mm: a body of soft tissue in air, with two lungs. Each number makes other noise. */
export function smallChest(number: number): Volume {
  const size = [48, 100, 100] as const;
  const hu = new Int16Array(size[0] * size[1] * size[2]);
  let state = 12345 + 777 * number;
  for (let i = 0; i < hu.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const row = Math.floor(i / 100) % 100;
    const column = i % 100;
    const inside = ((row - 50) / 34) ** 2 + ((column - 50) / 44) ** 2 < 1;
    const lung = [30, 70].some((middle) => ((row - 50) / 20) ** 2 + ((column - middle) / 14) ** 2 < 1);
    hu[i] = (lung ? -850 : inside ? 40 : -1000) + ((state >>> 16) % 40) - 20;
  }
  return {
    hu,
    size,
    spacingXyz: [3 / 2, 3 / 2, 2.5],
    originXyz: [-75, -215, -200],
    direction: IDENTITY_DIRECTION,
  };
}
