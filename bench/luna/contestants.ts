import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pythonWithTorch } from '../peers/python';
import { startWorker, type Worker } from '../side-by-side/worker';
import type { LunaTask } from './task';

/** glibc gives large blocks back to the kernel at every free unless told not to, which costs PyTorch a third. */
export const TUNED_MALLOC = {
  MALLOC_MMAP_THRESHOLD_: '34359738368',
  MALLOC_TRIM_THRESHOLD_: '34359738368',
  MALLOC_TOP_PAD_: '268435456',
};

export type ContestantName = 'ours' | 'torch' | 'torchChannelsLast';
export type Contestants = Record<ContestantName, Worker> & { torchVersion: string; close: () => void };

/**
 * Starts the three workers on the task: ours, PyTorch as most people write it, and PyTorch with its weights in
 * `channels_last_3d`, which its CPU kernels like best.
 */
export async function startContestants(task: LunaTask, oursScript: string): Promise<Contestants> {
  const python = pythonWithTorch();
  const startTorch = (memoryFormat: string) => {
    const args = [join(__dirname, 'torch_luna.py'), JSON.stringify({ ...task, memoryFormat })];
    return startWorker(python, args, TUNED_MALLOC);
  };
  const workers: Worker[] = [];
  const close = () => {
    for (const worker of workers) worker.close();
    rmSync(task.folder, { recursive: true, force: true });
  };
  const started = <Started extends Worker>(worker: Started) => {
    workers.push(worker);
    return worker;
  };
  try {
    const torch = started(await startTorch('contiguous_format'));
    const torchChannelsLast = started(await startTorch('channels_last_3d'));
    const args = ['--require', 'tsx/cjs', oursScript, JSON.stringify(task)];
    const ours = started(await startWorker(process.execPath, args));
    return { ours, torch, torchChannelsLast, torchVersion: (torch.greeting as { name: string }).name, close };
  } catch (error) {
    close();
    throw error;
  }
}
