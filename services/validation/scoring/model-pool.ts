import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { Bundle } from 'model-bundle';
import { PROBABILITIES } from '../bundle-checks';
import { validationError } from '../errors';

export interface WorkerSetup {
  modelPath: string;
  input: string;
  output: string;
}

/** A batch of patches in HU, flat in C order, with the shape that the model takes. */
export interface WorkerBatch {
  hu: Int16Array | Float32Array;
  shape: number[];
}

/** Once that the model is loaded, then one answer a batch. */
export type WorkerAnswer = 'ready' | { probabilities: Float32Array } | { problem: string };

/** A model of a bundle on worker threads. */
export interface ModelPool {
  /** Probability of each label, `[batch × labels]`, for `[batch, 1, slices, rows, columns]` HU. */
  probabilities: (hu: Int16Array | Float32Array, batch: number) => Promise<Float32Array>;
  /** Waits for the batches that are running; those that wait are never run. */
  close: () => Promise<void>;
}

const MOST_WORKERS = 4;

/**
 * Loads `model.onnx` of a bundle that `checkBundle` let through in worker threads.
 *
 * @throws VALIDATION_SCORING_FAILED
 */
export async function openModelPool(bundle: Bundle): Promise<ModelPool> {
  const { signature } = bundle;
  const setup = { modelPath: bundle.path('model.onnx'), input: signature.inputs[0]!.name, output: PROBABILITIES };
  const workers = Array.from({ length: Math.min(MOST_WORKERS, availableParallelism()) }, () => startWorker(setup));
  const queue: Job[] = [];
  const close = async () => {
    queue.length = 0;
    await Promise.all(workers.map((worker) => worker.close()));
  };
  try {
    await Promise.all(workers.map(({ ready }) => ready));
  } catch (error) {
    await close();
    throw error;
  }

  const idle = [...workers];
  function dispatch(): void {
    if (idle.length === 0 || queue.length === 0) return;
    const worker = idle.pop()!;
    const { batch, resolve, reject } = queue.shift()!;
    worker
      .run(batch)
      .then(resolve, reject)
      .finally(() => {
        idle.push(worker);
        dispatch();
      });
  }
  return {
    close,
    probabilities: (hu, batch) =>
      new Promise((resolve, reject) => {
        queue.push({ batch: { hu, shape: [batch, 1, ...signature.preprocessing.patchSize] }, resolve, reject });
        dispatch();
      }),
  };
}

interface Job {
  batch: WorkerBatch;
  resolve: (probabilities: Float32Array) => void;
  reject: (error: Error) => void;
}

/** One thread with the model loaded; it takes one batch at a time. */
interface ModelWorker {
  ready: Promise<void>;
  run: (batch: WorkerBatch) => Promise<Float32Array>;
  close: () => Promise<void>;
}

function startWorker(setup: WorkerSetup): ModelWorker {
  const worker = new Worker(join(__dirname, 'model-worker.ts'), {
    workerData: setup,
    env: SHARE_ENV,
    execArgv: ['--require', require.resolve('tsx/cjs')],
  });
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      resolve();
    });
  });
  const nextAnswer = () =>
    new Promise<WorkerAnswer>((resolve) => {
      const settle = (answer: WorkerAnswer) => {
        worker.off('message', settle).off('error', fail).off('exit', stop);
        resolve(answer);
      };
      const fail = (error: unknown) => {
        settle({ problem: error instanceof Error ? error.message : String(error) });
      };
      const stop = (code: number) => {
        settle({ problem: `its thread ended with code ${code}` });
      };
      worker.on('message', settle).on('error', fail).on('exit', stop);
    });

  async function load(): Promise<void> {
    const answer = await nextAnswer();
    if (answer !== 'ready') throw scoringFailed(answer);
  }

  const ready = load();
  // Whoever waits for another worker first must not find this one's failure unhandled.
  ready.catch(() => undefined);
  let running: Promise<unknown> = ready;
  return {
    ready,
    run(batch) {
      const answered = nextAnswer().then((answer) => {
        if (answer !== 'ready' && 'probabilities' in answer) return answer.probabilities;
        throw scoringFailed(answer);
      });
      running = answered;
      worker.postMessage(batch);
      return answered;
    },
    async close() {
      await running.catch(() => undefined);
      worker.postMessage('close');
      await exited;
    },
  };
}

function scoringFailed(answer: WorkerAnswer): Error {
  return validationError('VALIDATION_SCORING_FAILED', {
    problem: answer !== 'ready' && 'problem' in answer ? answer.problem : 'no answer',
  });
}
