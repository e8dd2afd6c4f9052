import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { unpackError } from 'coded-error';
import type { PatchLayout } from '../patch-cache';
import type { Part } from '../split';
import { createBatchMaker } from './batch-maker';
import type { BatchTask } from './batch-task';
import type { BatchAnswer, BatchRequest } from './batch-worker';
import { dataModuleError } from './errors';

/** Makes batches somewhere else than in the engine's way. */
export interface BatchPool {
  open: (part: Part, layout: PatchLayout) => void;
  /** `memory` of an earlier batch is used again, and taken from its owner. */
  make: (task: BatchTask, memory?: ArrayBuffer) => Promise<Float32Array>;
  close: () => Promise<void>;
}

/** No threads: a batch is made when it is asked for. */
export function inThisThread(memoryBytes: number): BatchPool {
  const maker = createBatchMaker(memoryBytes);
  return {
    open(part, layout) {
      maker.open(part, layout);
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws is to be a rejection, as with threads
    make: async (task, memory) => maker.make(task, memory),
    close() {
      maker.close();
      return Promise.resolve();
    },
  };
}

/** Each batch goes to the thread with the fewest to do. Threads that have nothing to do let the process end. */
export function inThreads(count: number, memoryBytes: number): BatchPool {
  const threads = Array.from({ length: count }, () => startThread(Math.floor(memoryBytes / count)));
  return {
    open(part, layout) {
      for (const thread of threads) thread.open(part, layout);
    },
    make(task, memory) {
      const idlest = threads.reduce((best, thread) => (thread.pending() < best.pending() ? thread : best));
      return idlest.make(task, memory);
    },
    async close() {
      await Promise.all(threads.map(({ close }) => close()));
    },
  };
}

interface Waiting {
  resolve: (x: Float32Array) => void;
  reject: (error: unknown) => void;
}

function startThread(memoryBytes: number) {
  const worker = new Worker(join(__dirname, 'batch-worker.ts'), {
    workerData: { memoryBytes },
    execArgv: ['--require', require.resolve('tsx/cjs')],
  });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let ended: Error | undefined;
  const settle = (id: number): Waiting => {
    const found = waiting.get(id)!;
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    return found;
  };
  const onEnd = (reason: Error | number) => {
    ended = dataModuleError(
      'DATA_WORKER_FAILED',
      { reason: typeof reason === 'number' ? `exit code ${reason}` : reason.message },
      reason,
    );
    for (const id of [...waiting.keys()]) settle(id).reject(ended);
  };
  worker.on('message', (answer: BatchAnswer) => {
    const { resolve, reject } = settle(answer.id);
    if ('error' in answer) reject(unpackError(answer.error));
    else resolve(new Float32Array(answer.x));
  });
  worker.on('error', onEnd).on('exit', onEnd);
  worker.unref();
  const send = (request: BatchRequest, moved: ArrayBuffer[] = []) => {
    worker.postMessage(request, moved);
  };

  return {
    pending: () => waiting.size,
    open(part: Part, layout: PatchLayout) {
      send({ part, layout });
    },
    make: (task: BatchTask, memory?: ArrayBuffer) =>
      new Promise<Float32Array>((resolve, reject) => {
        if (ended) {
          reject(ended);
          return;
        }
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        worker.ref();
        send({ id, task, memory }, memory ? [memory] : []);
      }),
    close: () => worker.terminate(),
  };
}
