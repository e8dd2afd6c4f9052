import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from 'seeded-random';
import type { Bench, BenchResult } from '../bench';
import { benchError } from '../errors';
import { pythonWithScikitLearn } from '../peers/python';
import { median, spread, takeTurns } from '../side-by-side/rounds';
import { startWorker, type Worker } from '../side-by-side/worker';
import { layOutChallenge, SCANS } from './task';

const ROUNDS = 5;
const RESAMPLES = 1000;
/** The script looks for the marks of each scan by itself, and appends the scans of each resample: a few tell of all. */
const SCANS_A_ROUND = 20;
const RESAMPLES_A_ROUND = 8;
const TOLERANCE = 1e-9;

/** Files of the challenge's size, judged with a bootstrap: from the files to the band, and the bootstrap alone. */
export const bench: Bench = {
  name: 'froc',
  summary: '888 scans, 550,000 candidates, 1000 resamples: seconds of our FROC and of the rules of LUNA16 in Python',
  run,
};

interface Reference {
  /** Seconds of the parts that are done once. */
  greeting: { load: number; evaluate: number; group: number };
}

async function run(): Promise<BenchResult> {
  const python = pythonWithScikitLearn();
  const task = await layOutChallenge();
  const workers: Worker[] = [];
  try {
    const file = join(task.folder, 'task.json');
    writeFileSync(file, JSON.stringify(task));
    const start = async (command: string, args: string[]) => {
      const worker = await startWorker(command, args);
      workers.push(worker);
      return worker;
    };
    const script = join(__dirname, '..', '..', 'tests', 'validation', 'reference', 'luna16_froc.py');
    const { annotations, excluded, series, results } = task;
    const reference = await start(python, [script, 'worker', annotations, excluded, series, results]);
    const ours = await start(process.execPath, ['--require', 'tsx/cjs', join(__dirname, 'worker.ts'), file]);
    await assertSameScore(ours, reference);
    return await measure(ours, reference as Worker & Reference);
  } finally {
    for (const { close } of workers) close();
    await rm(task.folder, { recursive: true, force: true });
  }
}

async function measure(ours: Worker, reference: Worker & Reference): Promise<BenchResult> {
  const draws = drawsOf(RESAMPLES_A_ROUND);
  const figures = await takeTurns(
    {
      whole: () => secondsOf(ours, { part: 'whole' }),
      bootstrap: () => secondsOf(ours, { part: 'bootstrap' }),
      marks: async () => {
        return (SCANS / SCANS_A_ROUND) * (await secondsOf(reference, { part: 'marks', scans: SCANS_A_ROUND }));
      },
      resamples: async () => {
        return (RESAMPLES / RESAMPLES_A_ROUND) * (await secondsOf(reference, { part: 'resamples', draws }));
      },
      band: () => secondsOf(reference, { part: 'band', resamples: RESAMPLES }),
    },
    ROUNDS,
  );
  const { load, evaluate, group } = reference.greeting;
  const bootstrap = { ours: median(figures.bootstrap), peer: group + median(figures.resamples) + median(figures.band) };
  const whole = { ours: median(figures.whole), peer: load + median(figures.marks) + evaluate + bootstrap.peer };
  const [name, headline] =
    whole.peer / whole.ours < bootstrap.peer / bootstrap.ours ? ['whole', whole] : ['bootstrap', bootstrap];
  const ratio = (one: typeof whole) => (one.peer / one.ours).toFixed(0);
  return {
    ...headline,
    better: 'lower',
    unit: 's',
    peerName: `the rules of LUNA16 in Python, NumPy and scikit-learn (${name}, where Lungate does worst)`,
    details: [
      `Lungate, files to band       ${spread(figures.whole)} s`,
      `Lungate, bootstrap alone     ${spread(figures.bootstrap)} s`,
      `Python, files to band        ${whole.peer.toFixed(0)} s (${ratio(whole)} times), of it:`,
      `  reading, findings by scan  ${load.toFixed(1)} s, once`,
      `  marks by scan              ${spread(figures.marks)} s, from ${SCANS_A_ROUND} of ${SCANS} scans a round`,
      `  hits and false positives   ${evaluate.toFixed(1)} s, once`,
      `Python, bootstrap alone      ${bootstrap.peer.toFixed(0)} s (${ratio(bootstrap)} times), of it:`,
      `  marks by scan              ${group.toFixed(1)} s, once`,
      `  resamples                  ${spread(figures.resamples)} s, from ${RESAMPLES_A_ROUND} of ${RESAMPLES} a round`,
      `  band at 10,000 rates       ${spread(figures.band)} s`,
    ],
  };
}

async function secondsOf(worker: Worker, request: object): Promise<number> {
  return ((await worker.ask(request)) as { seconds: number }).seconds;
}

function drawsOf(resamples: number): number[][] {
  const random = seededRandom(7);
  return Array.from({ length: resamples }, () => Array.from({ length: SCANS }, () => random.integer(SCANS)));
}

async function assertSameScore(ours: Worker, reference: Worker): Promise<void> {
  for (const drawn of drawsOf(3)) {
    const request = { draws: [drawn] };
    const { cpm } = (await ours.ask({ part: 'cpm', ...request })) as { cpm: number[] };
    const { cpm: expected } = (await reference.ask({ part: 'resamples', ...request })) as { cpm: number };
    const difference = Math.abs(cpm[0]! - expected);
    const details = { ours: 'Lungate', peer: 'the reference', what: 'the CPM of a resample', difference };
    if (!(difference <= TOLERANCE)) throw benchError('BENCH_RESULTS_DIFFER', { ...details, tolerance: TOLERANCE });
  }
}
