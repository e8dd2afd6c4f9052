import { join } from 'node:path';
import type { Bench, BenchResult } from '../bench';
import { assertSame } from '../luna/assert-same';
import { startContestants, type ContestantName } from '../luna/contestants';
import { layOutTask } from '../luna/task';
import { median, spread, takeTurns } from '../side-by-side/rounds';
import type { Worker } from '../side-by-side/worker';

const BATCH_SIZES = [1, 8, 32] as const;
const THREADS = 2;
const PROBABILITY_TOLERANCE = 1e-4;
const ROUNDS = 6;
/** Patches a turn, whatever the batch. */
const PATCHES = 64;

type Graph = 'tuned' | 'portable';

interface Answer {
  seconds: number;
  probabilities: number[];
}

/**
 * Inference patches a second on LunaModel at several batch sizes: the graph that serving tunes at load, the portable
 * one of the bundle on plain ONNX Runtime, and PyTorch. The headline is the size where we do worst against PyTorch.
 */
export const bench: Bench = {
  name: 'inference',
  summary: `LunaModel, batch ${BATCH_SIZES.join(', ')}, ${THREADS} threads: patches/s of a bundle's model as served, on plain ONNX Runtime, and in PyTorch (CPU)`,
  run,
};

async function run(): Promise<BenchResult> {
  const sgd = { learningRate: 1e-3, momentum: 0.9 };
  const task = layOutTask({ work: 'inference', batchSize: 32, threads: THREADS, seed: 11, ...sgd }, PATCHES / 32);
  const { torchVersion, close, ...workers } = await startContestants(task, join(__dirname, 'worker.ts'));
  try {
    const peer = await classify(workers.torch, 8);
    const differences = [];
    for (const graph of ['tuned', 'portable'] as const) {
      const ours = await classify(workers.ours, 8, graph);
      const both = { ours: ours.probabilities, peer: peer.probabilities, what: 'the probability of a nodule' };
      differences.push(assertSame(both, PROBABILITY_TOLERANCE));
    }

    const details = [`probabilities are the same to ${Math.max(...differences).toExponential(1)}`];
    const results: BenchResult[] = [];
    for (const batchSize of BATCH_SIZES) {
      const figures = await measure(workers, batchSize);
      for (const [name, values] of Object.entries(figures)) {
        details.push(`batch ${String(batchSize).padEnd(3)} ${name.padEnd(18)} ${spread(values)}`);
      }
      const overPlain = median(figures.ours) / median(figures.plainOnnxRuntime);
      details.push(`batch ${String(batchSize).padEnd(3)} ours against plain ONNX Runtime: ${overPlain.toFixed(2)}`);
      const isChannelsLastFaster = median(figures.torchChannelsLast) > median(figures.torch);
      results.push({
        ours: median(figures.ours),
        peer: median(isChannelsLastFaster ? figures.torchChannelsLast : figures.torch),
        unit: `patches/s at batch ${batchSize}`,
        peerName: `${torchVersion} CPU${isChannelsLastFaster ? ', channels_last_3d' : ''}, tuned malloc`,
        details,
      });
    }
    return results.reduce((worst, result) => (result.ours / result.peer < worst.ours / worst.peer ? result : worst));
  } finally {
    close();
  }
}

function measure(workers: Record<ContestantName, Worker>, batchSize: number) {
  const patchesPerSecond = async (worker: Worker, graph?: Graph) =>
    PATCHES / (await classify(worker, batchSize, graph)).seconds;
  return takeTurns(
    {
      ours: () => patchesPerSecond(workers.ours, 'tuned'),
      plainOnnxRuntime: () => patchesPerSecond(workers.ours, 'portable'),
      torch: () => patchesPerSecond(workers.torch),
      torchChannelsLast: () => patchesPerSecond(workers.torchChannelsLast),
    },
    ROUNDS,
  );
}

/** @param graph which of our graphs; PyTorch has but one */
async function classify(worker: Worker, batchSize: number, graph: Graph = 'tuned'): Promise<Answer> {
  return (await worker.ask({ steps: PATCHES / batchSize, batchSize, graph })) as Answer;
}
