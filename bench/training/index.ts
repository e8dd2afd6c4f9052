import { join } from 'node:path';
import type { Bench, BenchResult } from '../bench';
import { assertSame } from '../luna/assert-same';
import { startContestants } from '../luna/contestants';
import { layOutTask } from '../luna/task';
import { median, spread, takeTurns } from '../side-by-side/rounds';
import type { Worker } from '../side-by-side/worker';

const BATCH_SIZE = 16;
const THREADS = 2;
/** Enough to see a wrong gradient or optimizer, few enough that rounding has not yet grown. */
const STEPS_COMPARED = 5;
const LOSS_TOLERANCE = 1e-3;
const ROUNDS = 8;
const STEPS = 6;

interface Answer {
  seconds: number;
  losses: number[];
}

/** Training samples a second on LunaModel: our engine and PyTorch on the CPU. */
export const bench: Bench = {
  name: 'training',
  summary: `LunaModel, SGD with momentum, batch ${BATCH_SIZE}, ${THREADS} threads: samples/s of our engine and of PyTorch (CPU)`,
  run,
};

async function run(): Promise<BenchResult> {
  const sgd = { learningRate: 1e-3, momentum: 0.9 };
  const task = layOutTask(
    { work: 'training', batchSize: BATCH_SIZE, threads: THREADS, seed: 11, ...sgd },
    STEPS_COMPARED,
  );
  const { torchVersion, close, ...workers } = await startContestants(task, join(__dirname, 'worker.ts'));
  try {
    const losses = {
      ours: (await train(workers.ours, STEPS_COMPARED)).losses,
      torch: (await train(workers.torch, STEPS_COMPARED)).losses,
      torchChannelsLast: (await train(workers.torchChannelsLast, STEPS_COMPARED)).losses,
    };
    const what = `the loss of the first ${STEPS_COMPARED} steps`;
    const difference = assertSame({ ours: losses.ours, peer: losses.torch, what }, LOSS_TOLERANCE);

    const figures = await takeTurns(
      {
        ours: () => samplesPerSecond(workers.ours),
        torch: () => samplesPerSecond(workers.torch),
        torchChannelsLast: () => samplesPerSecond(workers.torchChannelsLast),
      },
      ROUNDS,
    );
    const isChannelsLastFaster = median(figures.torchChannelsLast) > median(figures.torch);
    return {
      ours: median(figures.ours),
      peer: median(isChannelsLastFaster ? figures.torchChannelsLast : figures.torch),
      unit: 'samples/s',
      peerName: `${torchVersion} CPU${isChannelsLastFaster ? ', channels_last_3d' : ''}, tuned malloc`,
      details: [
        `losses ${losses.ours.map((loss) => loss.toFixed(4)).join(' ')}; PyTorch's are the same to ${difference.toExponential(1)}`,
        `Lungate                    ${spread(figures.ours)}`,
        `PyTorch                    ${spread(figures.torch)}`,
        `PyTorch, channels_last_3d  ${spread(figures.torchChannelsLast)}`,
      ],
    };
  } finally {
    close();
  }
}

async function samplesPerSecond(worker: Worker): Promise<number> {
  return (STEPS * BATCH_SIZE) / (await train(worker, STEPS)).seconds;
}

async function train(worker: Worker, steps: number): Promise<Answer> {
  return (await worker.ask({ steps })) as Answer;
}
