import { join } from 'node:path';
import type { Bench, BenchResult } from '../bench';
import { assertSame } from '../luna/assert-same';
import { startContestants } from '../luna/contestants';
import { layOutTask } from '../luna/task';
import { median, spread, takeTurns } from '../side-by-side/rounds';
import type { Worker } from '../side-by-side/worker';

const BATCH_SIZES = [16, 64] as const;
const THREADS = 2;
/** Enough to see a wrong gradient or optimizer, few enough that rounding has not yet grown. */
const STEPS_COMPARED = 5;
const LOSS_TOLERANCE = 1e-3;
const ROUNDS = 8;
/** Samples a turn, whatever the batch. */
const SAMPLES = 128;

interface Answer {
  seconds: number;
  losses: number[];
  firstStepSeconds: number;
  /** Of the process since it began. */
  peakMegabytes: number;
}

/** Training samples a second on LunaModel at two batch sizes; the headline is the one where we do worst. */
export const bench: Bench = {
  name: 'training',
  summary: `LunaModel, SGD with momentum, batch ${BATCH_SIZES.join(', ')}, ${THREADS} threads: samples/s of our engine and of PyTorch (CPU)`,
  run,
};

async function run(): Promise<BenchResult> {
  const results: BenchResult[] = [];
  for (const batchSize of BATCH_SIZES) results.push(await measure(batchSize));
  const worst = results.reduce((a, b) => (b.ours / b.peer < a.ours / a.peer ? b : a));
  return { ...worst, details: results.flatMap(({ details }) => details) };
}

async function measure(batchSize: number): Promise<BenchResult> {
  const sgd = { learningRate: 1e-3, momentum: 0.9 };
  const task = layOutTask({ work: 'training', batchSize, threads: THREADS, seed: 11, ...sgd }, STEPS_COMPARED);
  const { torchVersion, close, ...workers } = await startContestants(task, join(__dirname, 'worker.ts'));
  try {
    const first = {
      ours: await train(workers.ours, STEPS_COMPARED),
      torch: await train(workers.torch, STEPS_COMPARED),
      torchChannelsLast: await train(workers.torchChannelsLast, STEPS_COMPARED),
    };
    const what = `the loss of the first ${STEPS_COMPARED} steps`;
    const [ours, peer] = [first.ours.losses, first.torch.losses];
    const difference = assertSame({ ours, peer, what }, LOSS_TOLERANCE);

    const figures = await takeTurns(
      {
        ours: () => samplesPerSecond(workers.ours, batchSize),
        torch: () => samplesPerSecond(workers.torch, batchSize),
        torchChannelsLast: () => samplesPerSecond(workers.torchChannelsLast, batchSize),
      },
      ROUNDS,
    );
    const isChannelsLastFaster = median(figures.torchChannelsLast) > median(figures.torch);
    const line = (name: string, of: keyof typeof figures): string =>
      `batch ${String(batchSize).padEnd(3)} ${name.padEnd(26)} ${spread(figures[of])}; first step ` +
      `${first[of].firstStepSeconds.toFixed(1)} s, peak memory ${first[of].peakMegabytes.toFixed(0)} MB`;
    return {
      ours: median(figures.ours),
      peer: median(isChannelsLastFaster ? figures.torchChannelsLast : figures.torch),
      unit: `samples/s at batch ${batchSize}`,
      peerName: `${torchVersion} CPU${isChannelsLastFaster ? ', channels_last_3d' : ''}, tuned malloc`,
      details: [
        `losses ${ours.map((loss) => loss.toFixed(4)).join(' ')}; PyTorch's are the same to ${difference.toExponential(1)}`,
        line('Lungate', 'ours'),
        line('PyTorch', 'torch'),
        line('PyTorch, channels_last_3d', 'torchChannelsLast'),
      ],
    };
  } finally {
    close();
  }
}

async function samplesPerSecond(worker: Worker, batchSize: number): Promise<number> {
  return SAMPLES / (await train(worker, SAMPLES / batchSize)).seconds;
}

async function train(worker: Worker, steps: number): Promise<Answer> {
  return (await worker.ask({ steps })) as Answer;
}
