import { join } from 'node:path';
import { ratioOf, type Bench, type BenchResult } from '../bench';
import { RESNET_2D } from '../resnet/architecture';
import { assertSameLosses, compareSpeed } from '../resnet/compare';
import { startContestants, type Side } from '../resnet/contestants';
import { layOutTask } from '../resnet/task';
import { median, spread, takeTurns } from '../side-by-side/rounds';

const BATCH_SIZE = 32;
const THREADS = 2;
const WASM_ROUNDS = 3;

/** Training samples a second of a ResNet-18 on images of 64×64: our engine and PyTorch on the CPU. */
export const bench: Bench = {
  name: 'resnet2d',
  summary: `ResNet-18 on 64×64 RGB, batch ${BATCH_SIZE}, ${THREADS} threads: training samples/s of our engine and of PyTorch (CPU); TF.js's WebAssembly backend`,
  run,
};

async function run(): Promise<BenchResult> {
  const sgd = { learningRate: 1e-3, momentum: 0.9 };
  const task = layOutTask({ architecture: RESNET_2D, batchSize: BATCH_SIZE, threads: THREADS, ...sgd }, 3);
  const worker = join(__dirname, 'worker.ts');
  const sides = await startContestants(task, worker, 'onnx');
  try {
    const same = await assertSameLosses(sides, BATCH_SIZE);
    const training = await compareSpeed(sides, { work: 'training', steps: 4, batchSize: BATCH_SIZE }, 6);
    const wasm = await compareWithWasm(sides.ours, await sides.start(worker, 'wasm'));
    return { ...training, details: [same, ...training.details, `  ratio ${ratioOf(training).toFixed(2)}`, ...wasm] };
  } finally {
    sides.close();
  }
}

/** Forward only: TF.js's WebAssembly backend has no kernel for the gradient of a filter, so it cannot train. */
async function compareWithWasm(ours: Side, wasm: Side): Promise<string[]> {
  const request = { work: 'inference' as const, steps: 2, batchSize: BATCH_SIZE };
  const speed = async (side: Side) => (request.steps * BATCH_SIZE) / (await side.ask(request)).seconds;
  for (const side of [ours, wasm]) await side.ask(request);
  const figures = await takeTurns({ ours: () => speed(ours), wasm: () => speed(wasm) }, WASM_ROUNDS);
  return [
    `inference, batch ${BATCH_SIZE} (TF.js's WebAssembly backend cannot train a convolution)`,
    `  Lungate                 ${spread(figures.ours)}`,
    `  tfjs-backend-wasm       ${spread(figures.wasm)}`,
    `  ratio ${(median(figures.ours) / median(figures.wasm)).toFixed(1)}`,
  ];
}
