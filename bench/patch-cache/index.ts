import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Bench, BenchResult } from '../bench';
import { pythonForPatches } from '../peers/python';
import { median, spread, takeTurns } from '../side-by-side/rounds';
import { startWorker } from '../side-by-side/worker';
import { layOutCache } from './task';

const ROUNDS = 5;
/** Patches a round and contestant; the slow get fewer. */
const PATCHES = { oursPlain: 49_152, torchPlain: 12_288, oursFull: 1024, monai: 256, torchio: 256 };
type Contestant = keyof typeof PATCHES;
/** The workers of the one before go on until their queues are full: so long nobody is timed. */
const SETTLE_MS = 4000;

/** Batches of 64 from the patch cache, with two workers: as they are, and fully augmented. The headline is the latter. */
export const bench: Bench = {
  name: 'patch-cache',
  summary:
    'batches of patches from the cache, 2 workers: patches/s of our data module and of PyTorch, MONAI and TorchIO',
  run,
};

async function run(): Promise<BenchResult> {
  const python = pythonForPatches();
  const task = await layOutCache({ scans: 8, perScan: 512, batchSize: 64, workers: 2 });
  const closers: (() => void)[] = [];
  try {
    const file = join(task.folder, 'task.json');
    writeFileSync(file, JSON.stringify(task));
    const start = async (command: string, args: string[]) => {
      const worker = await startWorker(command, args);
      closers.push(worker.close);
      return { ...worker, name: (worker.greeting as { name: string }).name };
    };
    const peer = (way: string) => start(python, [join(__dirname, 'torch_patches.py'), way, file]);
    const ours = await start(process.execPath, ['--require', 'tsx/cjs', join(__dirname, 'worker.ts'), file]);
    const peers = { torchPlain: await peer('plain'), monai: await peer('monai'), torchio: await peer('torchio') };

    const rate = async (of: Contestant, worker: { ask: (request: object) => Promise<unknown> }, work?: string) => {
      await setTimeout(SETTLE_MS);
      const { seconds } = (await worker.ask({ patches: PATCHES[of], work })) as { seconds: number };
      return PATCHES[of] / seconds;
    };
    const contestants = {
      oursPlain: () => rate('oursPlain', ours, 'plain'),
      torchPlain: () => rate('torchPlain', peers.torchPlain),
      oursFull: () => rate('oursFull', ours, 'full'),
      monai: () => rate('monai', peers.monai),
      torchio: () => rate('torchio', peers.torchio),
    };
    // The first reading of each patch checks its checksum, and everything is compiled then.
    await takeTurns(contestants, 1);
    const figures = await takeTurns(contestants, ROUNDS);
    const isMonaiFaster = median(figures.monai) > median(figures.torchio);
    const line = (name: string, of: Contestant) => `${name.padEnd(34)} ${spread(figures[of])}`;
    return {
      ours: median(figures.oursFull),
      peer: median(isMonaiFaster ? figures.monai : figures.torchio),
      unit: 'augmented patches/s',
      peerName: isMonaiFaster ? peers.monai.name : peers.torchio.name,
      details: [
        line('Lungate, as they are', 'oursPlain'),
        line('PyTorch DataLoader, as they are', 'torchPlain'),
        line('Lungate, augmented', 'oursFull'),
        line(`${peers.monai.name}, augmented`, 'monai'),
        line(`${peers.torchio.name}, augmented`, 'torchio'),
      ],
    };
  } finally {
    for (const close of closers) close();
    await rm(task.folder, { recursive: true, force: true });
  }
}
