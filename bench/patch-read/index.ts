import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench, BenchResult } from '../bench';
import { benchError } from '../errors';
import { pythonForPatches } from '../peers/python';
import { median, spread, takeTurns } from '../side-by-side/rounds';
import { startWorker, type Worker } from '../side-by-side/worker';
import { layOutScans } from './task';

const ROUNDS = 7;
const SCANS = 3;
/** Patches a round; reading whole scans is so slow that it gets fewer. */
const PATCHES = 300;
const PATCHES_WHOLE = 6;
const COMPARED = 40;

/** Random patches from `.mhd` on disk, the files in the page cache; one thread each. */
export const bench: Bench = {
  name: 'patch-read',
  summary: 'random patches of 32×48×48 from .mhd files: patches/s of our region reader and of SimpleITK + numpy',
  run,
};

interface Answer {
  seconds: number;
  sums: number[];
}

async function run(): Promise<BenchResult> {
  const python = pythonForPatches();
  const task = await layOutScans(SCANS, ROUNDS * PATCHES);
  const workers: Worker[] = [];
  try {
    const file = join(task.folder, 'task.json');
    writeFileSync(file, JSON.stringify(task));
    const start = async (command: string, args: string[]) => {
      const worker = await startWorker(command, args);
      workers.push(worker);
      return worker;
    };
    const script = join(__dirname, 'simpleitk_patches.py');
    const region = await start(python, [script, 'region', file]);
    const whole = await start(python, [script, 'whole', file]);
    const ours = await start(process.execPath, ['--require', 'tsx/cjs', join(__dirname, 'worker.ts'), file]);
    await assertSamePatches(ours, [region, whole]);

    const rounds = { ours: 0, region: 0, whole: 0 };
    const figures = await takeTurns(
      {
        ours: () => patchesPerSecond(ours, PATCHES, rounds.ours++),
        region: () => patchesPerSecond(region, PATCHES, rounds.region++),
        whole: () => patchesPerSecond(whole, PATCHES_WHOLE, rounds.whole++),
      },
      ROUNDS,
    );
    const { name } = (region as Worker & { greeting: { name: string } }).greeting;
    return {
      ours: median(figures.ours),
      peer: Math.max(median(figures.region), median(figures.whole)),
      unit: 'patches/s',
      peerName: `${name}, the faster of reading the region and the whole`,
      details: [
        `Lungate                     ${spread(figures.ours)}`,
        `SimpleITK, region           ${spread(figures.region)}`,
        `SimpleITK, whole and crop   ${spread(figures.whole)}`,
      ],
    };
  } finally {
    for (const { close } of workers) close();
    await rm(task.folder, { recursive: true, force: true });
  }
}

async function patchesPerSecond(worker: Worker, count: number, round: number): Promise<number> {
  return count / ((await worker.ask({ from: round * PATCHES, count })) as Answer).seconds;
}

async function assertSamePatches(ours: Worker, peers: Worker[]): Promise<void> {
  const read = async (worker: Worker) => ((await worker.ask({ from: 0, count: COMPARED })) as Answer).sums;
  const expected = await read(ours);
  for (const peer of peers) {
    const difference = Math.max(...(await read(peer)).map((sum, i) => Math.abs(sum - expected[i]!)));
    const details = { ours: 'Lungate', peer: 'SimpleITK', what: 'a voxel of a patch', difference, tolerance: 0 };
    if (difference !== 0) throw benchError('BENCH_RESULTS_DIFFER', details);
  }
}
