import { readFileSync } from 'node:fs';
import { type OpenMetaImage, LUNA_PATCH, openMetaImage, voxelsOf, xyzToIrc, type Irc } from '../../datasets';
import { answerRounds } from '../side-by-side/answer-rounds';
import type { PatchReadTask } from './task';

/** Our side: scans stay open, and a patch's rows are read from the file. */
async function main(task: PatchReadTask): Promise<void> {
  const { patchSize, clip } = LUNA_PATCH;
  const open: OpenMetaImage[] = [];
  for (const path of task.scans) open.push(await openMetaImage(path));
  const voxels = new Int16Array(voxelsOf(LUNA_PATCH));

  const readPatch = ({ scan, xyz }: PatchReadTask['places'][number], patch: Float32Array): void => {
    const { geometry, readRegion } = open[scan]!;
    const first = xyzToIrc(xyz, geometry).map((at, axis) => Math.floor(at + 0.5) - patchSize[axis]! / 2);
    readRegion(first as unknown as Irc, patchSize, voxels, LUNA_PATCH.padding);
    for (let i = 0; i < voxels.length; i++) patch[i] = Math.max(clip[0], Math.min(clip[1], voxels[i]!));
  };

  await answerRounds({ name: 'Lungate' }, (request) => {
    const { from, count } = request as { from: number; count: number };
    const sums: number[] = [];
    const patch = new Float32Array(voxelsOf(LUNA_PATCH));
    const begun = performance.now();
    for (const place of task.places.slice(from, from + count)) {
      readPatch(place, patch);
      sums.push(patch[0]! + patch[40_000]! + patch[patch.length - 1]!);
    }
    return Promise.resolve({ seconds: (performance.now() - begun) / 1000, sums });
  });
}

void main(JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as PatchReadTask);
