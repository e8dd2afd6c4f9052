import { mkdir, readdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { readJson, writeJsonDurably } from 'durable-files';
import { DEFAULT_DIFFICULTY } from './difficulty';
import { phantomError } from './errors';
import type { PhantomSource, ScanRows } from './make-scan';
import type { ScanAnswer } from './scan-worker';
import { writeTables } from './tables';
import { PHANTOM_VERSION } from './version';

export interface PhantomOptions {
  /** Whole number from 0 to 2³²−1: the same seed writes the same bytes. */
  seed: number;
  /** How many scans; each depends on the seed and its own number only. */
  scans: number;
  /** 0 (easy) to 1 (hard): contrast of the nodules, noise, and how close and how like them false candidates are. */
  difficulty?: number;
  onProgress?: (done: number, total: number) => void;
}

const MARKER = 'PHANTOM.json';
const UNFINISHED = 'PHANTOM.unfinished.json';

/**
 * Writes a synthetic chest-CT dataset in LUNA16's layout into `dir`. A run that was cut short goes on where it was;
 * tables and `PHANTOM.json` are written when all scans are there, so an unfinished folder is no dataset.
 *
 * Errors: `PHANTOM_BAD_SEED`, `PHANTOM_BAD_SCANS`, `PHANTOM_BAD_DIFFICULTY`, `PHANTOM_FOLDER_TAKEN`, `PHANTOM_WORKER_FAILED`.
 *
 * ```ts
 * await generatePhantom('data/phantom', { seed: 1, scans: 20 });
 * ```
 */
export async function generatePhantom(
  dir: string,
  { seed, scans, difficulty = DEFAULT_DIFFICULTY, onProgress }: PhantomOptions,
): Promise<void> {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) throw phantomError('PHANTOM_BAD_SEED', { seed });
  if (!Number.isInteger(scans) || scans < 1 || scans > 10_000) throw phantomError('PHANTOM_BAD_SCANS', { scans });
  if (!(difficulty >= 0 && difficulty <= 1)) throw phantomError('PHANTOM_BAD_DIFFICULTY', { difficulty });
  const source = { seed, difficulty };
  const description = describePhantom(source, scans);
  if ((await claimFolder(dir, description)) === 'finished') {
    onProgress?.(scans, scans);
    return;
  }
  const rows = await makeScans(dir, source, scans, onProgress);
  await removeLeftovers(dir);
  await writeJsonDurably(join(dir, MARKER), description);
  await writeTables(dir, rows);
  await rm(join(dir, UNFINISHED));
}

function describePhantom({ seed, difficulty }: PhantomSource, scans: number) {
  return {
    synthetic: true,
    generator: 'lungate phantom',
    version: PHANTOM_VERSION,
    seed,
    scans,
    difficulty,
    warning: 'Drawn by a program; not of any patient, not for clinical use or for claims about clinical accuracy.',
  };
}

/** Takes an empty folder, or goes on in one that an earlier run with the same options left unfinished. */
async function claimFolder(dir: string, description: object): Promise<'finished' | 'open'> {
  const same = (found: unknown) => JSON.stringify(found) === JSON.stringify(description);
  await mkdir(dir, { recursive: true });
  const unfinished = await readJson(join(dir, UNFINISHED));
  const finished = await readJson(join(dir, MARKER));
  if (same(unfinished)) return 'open';
  if (unfinished === undefined && same(finished)) return 'finished';
  const files = await readdir(dir);
  if (files.length > 0) {
    const found =
      (unfinished ?? finished) ? 'a phantom of another seed, number of scans, difficulty or version' : 'other files';
    throw phantomError('PHANTOM_FOLDER_TAKEN', { dir, found });
  }
  await writeJsonDurably(join(dir, UNFINISHED), description);
  return 'open';
}

/** Makes all scans, one a task, on as many threads as there are cores. */
async function makeScans(
  dir: string,
  source: PhantomSource,
  scans: number,
  onProgress: PhantomOptions['onProgress'],
): Promise<ScanRows[]> {
  const rows = new Array<ScanRows>(scans);
  let next = 0;
  let done = 0;
  const workers = Array.from(
    { length: Math.min(scans, availableParallelism(), 16) },
    () =>
      new Worker(join(__dirname, 'scan-worker.ts'), {
        workerData: { dir, source },
        execArgv: ['--require', require.resolve('tsx/cjs')],
      }),
  );
  try {
    await Promise.all(
      workers.map(async (worker) => {
        while (next < scans) {
          const scan = next++;
          rows[scan] = await askWorker(worker, scan);
          onProgress?.(++done, scans);
        }
      }),
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return rows;
}

function askWorker(worker: Worker, scan: number): Promise<ScanRows> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown, reason: string) => {
      reject(phantomError('PHANTOM_WORKER_FAILED', { scan, reason }, cause));
    };
    const onError = (error: Error) => {
      fail(error, error.message);
    };
    worker.once('error', onError);
    worker.once('message', (answer: ScanAnswer) => {
      worker.off('error', onError);
      if ('error' in answer) fail(answer.error, answer.error.message);
      else resolve(answer.rows);
    });
    worker.postMessage(scan);
  });
}

/** Temporary files that a killed run left. */
async function removeLeftovers(dir: string): Promise<void> {
  const files = await readdir(dir, { recursive: true });
  await Promise.all(files.filter((file) => file.endsWith('.tmp')).map((file) => rm(join(dir, file))));
}
