import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { availableProviders, type Provider } from 'tfjs-backend-onnx';
import type { Bench, BenchResult } from '../bench';
import { RESNET_3D } from '../resnet/architecture';
import { assertSameLosses, compareSpeed } from '../resnet/compare';
import { startContestants } from '../resnet/contestants';
import { layOutTask } from '../resnet/task';

const BATCH_SIZE = 16;

/** Training on a GPU: our engine on the best provider there is, and PyTorch in eager mode on the same GPU. */
export const bench: Bench = {
  name: 'gpu',
  summary: `ResNet3D-18 with 16–128 channels on an NVIDIA GPU: training samples/s of our engine and of PyTorch, eager`,
  missing: () => {
    if (spawnSync('nvidia-smi', ['-L']).status !== 0) return 'no NVIDIA GPU here';
    return provider() ? null : 'ONNX Runtime finds neither CUDA nor WebGPU here: see docs/gpu.md';
  },
  run,
};

function provider(): Provider | undefined {
  const available = availableProviders();
  return (['cuda', 'webgpu'] as const).find((name) => available.includes(name));
}

async function run(): Promise<BenchResult> {
  const found = provider()!;
  const sgd = { learningRate: 1e-3, momentum: 0.9 };
  const settings = { architecture: RESNET_3D, batchSize: BATCH_SIZE, threads: 2, provider: found, ...sgd };
  const sides = await startContestants(layOutTask(settings, 3), join(__dirname, '..', 'resnet3d', 'worker.ts'));
  try {
    const same = await assertSameLosses(sides, BATCH_SIZE);
    const result = await compareSpeed(sides, { work: 'training', steps: 20, batchSize: BATCH_SIZE }, 6);
    return {
      ...result,
      peerName: `${sides.torchVersion} on the GPU`,
      details: [`provider ${found}`, same, ...result.details],
    };
  } finally {
    sides.close();
  }
}
