import { join } from 'node:path';
import { ratioOf, type Bench, type BenchResult } from '../bench';
import { RESNET_3D } from '../resnet/architecture';
import { assertSameLosses, compareSpeed } from '../resnet/compare';
import { startContestants } from '../resnet/contestants';
import { layOutTask } from '../resnet/task';

const BATCH_SIZE = 16;
const THREADS = 2;

/** Samples a second of a ResNet-18 of three dimensions, in training and inference: our engine and PyTorch on the CPU. */
export const bench: Bench = {
  name: 'resnet3d',
  summary: `ResNet3D-18 with 16–128 channels, ${THREADS} threads: training and inference samples/s of our engine and of PyTorch (CPU)`,
  run,
};

async function run(): Promise<BenchResult> {
  const sgd = { learningRate: 1e-3, momentum: 0.9 };
  const task = layOutTask({ architecture: RESNET_3D, batchSize: BATCH_SIZE, threads: THREADS, ...sgd }, 3);
  const sides = await startContestants(task, join(__dirname, 'worker.ts'));
  try {
    const same = await assertSameLosses(sides, BATCH_SIZE);
    const results = [
      await compareSpeed(sides, { work: 'training', steps: 4, batchSize: BATCH_SIZE }, 6),
      await compareSpeed(sides, { work: 'inference', steps: 24, batchSize: 1 }, 5),
      await compareSpeed(sides, { work: 'inference', steps: 6, batchSize: 8 }, 5),
    ];
    const [worst] = results.toSorted((a, b) => ratioOf(a) - ratioOf(b));
    const details = results.flatMap((result) => [...result.details, `  ratio ${ratioOf(result).toFixed(2)}`]);
    return { ...worst!, details: [same, ...details, `the last line is that of ${worst!.details[0]!}`] };
  } finally {
    sides.close();
  }
}
