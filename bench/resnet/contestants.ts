import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { TUNED_MALLOC } from '../luna/contestants';
import { pythonWithTorch } from '../peers/python';
import { startWorker, type Worker } from '../side-by-side/worker';
import type { Answer, Request } from './rounds';
import type { ResnetTask } from './task';

/** One side of a resnet bench. */
export interface Side {
  ask: (request: Request) => Promise<Answer>;
}

export interface Contestants {
  ours: Side;
  torch: Side;
  torchChannelsLast: Side;
  torchVersion: string;
  /** Starts one more TF.js side. */
  start: (script: string, ...args: string[]) => Promise<Side>;
  close: () => void;
}

/**
 * Starts our side, PyTorch as most people write it, and PyTorch in `channels_last` or `channels_last_3d`, which its
 * CPU kernels like best.
 */
export async function startContestants(task: ResnetTask, script: string, ...args: string[]): Promise<Contestants> {
  const workers: Worker[] = [];
  const started = <Started extends Worker>(worker: Started) => {
    workers.push(worker);
    return worker;
  };
  const close = () => {
    for (const worker of workers) worker.close();
    rmSync(task.folder, { recursive: true, force: true });
  };
  const start = async (tfScript: string, ...more: string[]) =>
    side(
      started(await startWorker(process.execPath, ['--require', 'tsx/cjs', tfScript, JSON.stringify(task), ...more])),
    );
  const python = pythonWithTorch();
  const startTorch = async (memoryFormat: string) => {
    const torchArgs = [join(__dirname, 'torch_resnet.py'), JSON.stringify({ ...task, memoryFormat })];
    return started(await startWorker(python, torchArgs, TUNED_MALLOC));
  };
  try {
    const torch = await startTorch('contiguous_format');
    const isFlat = task.architecture.stem.kernel.length === 2;
    const torchChannelsLast = await startTorch(isFlat ? 'channels_last' : 'channels_last_3d');
    const ours = await start(script, ...args);
    const { name: torchVersion } = torch.greeting as { name: string };
    return { ours, torch: side(torch), torchChannelsLast: side(torchChannelsLast), torchVersion, start, close };
  } catch (error) {
    close();
    throw error;
  }
}

const side = (worker: Worker): Side => ({ ask: async (request) => (await worker.ask(request)) as Answer });
