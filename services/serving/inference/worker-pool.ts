import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { fromPlainError, servingError } from '../errors';
import type { FromWorker, ToWorker } from './pool-worker';

export interface WorkerPoolOptions {
  /** The worker's script, TypeScript. */
  file: string;
  /** Its workerData. */
  data: unknown;
  size: number;
  onWorkerLost?: (error: unknown) => void;
}

interface Waiting<Job, Result> {
  job: Job;
  transfer: ArrayBuffer[];
  resolve: (result: Result) => void;
  reject: (error: Error) => void;
}

interface Slot<Job, Result> {
  worker: Worker;
  exited: Promise<unknown>;
  running: Waiting<Job, Result> | null;
  /** What this worker has still to be told, before any other job. */
  owed: Waiting<Job, Result>[];
}

const LONGEST_PAUSE_MS = 5_000;

/**
 * Worker threads that each do one job at a time, first come, first served. A worker that dies takes only its own job
 * with it (INFERENCE_WORKER_LOST) and is replaced. How many jobs may wait is for the caller to bound.
 *
 * A worker is never terminated while it works: ONNX Runtime then aborts the whole process.
 */
export class WorkerPool<Job, Result> {
  readonly #options: WorkerPoolOptions;
  readonly #slots = new Set<Slot<Job, Result>>();
  readonly #waiting: Waiting<Job, Result>[] = [];
  /** What every worker is told once, those that start later too. */
  readonly #told: Job[] = [];
  #closing = false;
  #pause = 0;

  private constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Resolves when every worker is ready; rejects with what the first one refused for. */
  static async start<Job, Result>(options: WorkerPoolOptions): Promise<WorkerPool<Job, Result>> {
    const pool = new WorkerPool<Job, Result>(options);
    try {
      await Promise.all(Array.from({ length: options.size }, () => pool.#startWorker()));
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  /** Whether at least one worker takes jobs. */
  get ready(): boolean {
    return this.#slots.size > 0 && !this.#closing;
  }

  /** Sends a job; the buffers in `transfer` are gone from this side. Rejects with the job's coded error. */
  run(job: Job, transfer: ArrayBuffer[] = []): Promise<Result> {
    if (this.#closing) return Promise.reject(servingError('INFERENCE_STOPPED'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, transfer, resolve, reject });
      this.#assign();
    });
  }

  /**
   * Has every worker do a job once, between the others, and those that start later before their first one.
   * Resolves when the present ones have; rejects with the first failure.
   */
  async tellAll(job: Job): Promise<void> {
    if (this.#closing) throw servingError('INFERENCE_STOPPED');
    this.#told.push(job);
    const done = [...this.#slots].map(
      (slot) =>
        new Promise<Result>((resolve, reject) => {
          slot.owed.push({ job, transfer: [], resolve, reject });
        }),
    );
    this.#assign();
    await Promise.all(done);
  }

  /** Refuses new jobs, finishes those that were taken, and ends the workers. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const { owed } of this.#slots)
      for (const { reject } of owed.splice(0)) reject(servingError('INFERENCE_STOPPED'));
    this.#assign();
    await Promise.all([...this.#slots].map(({ exited }) => exited));
    for (const { reject } of this.#waiting.splice(0)) reject(servingError('INFERENCE_STOPPED'));
  }

  async #startWorker(): Promise<void> {
    const { file, data } = this.#options;
    const worker = new Worker(file, {
      workerData: data,
      env: SHARE_ENV,
      execArgv: ['--require', require.resolve('tsx/cjs')],
    });
    const exited = new Promise((resolve) => worker.once('exit', resolve));
    const [first] = (await Promise.race([once(worker, 'message'), exited.then(() => [])])) as [FromWorker<Result>?];
    worker.on('error', (error) => this.#options.onWorkerLost?.(error));
    if (first?.type === 'refused') throw fromPlainError(first.error);
    if (first?.type !== 'ready') throw servingError('INFERENCE_WORKER_LOST');
    this.#pause = 0;
    this.#adopt({ worker, exited, running: null, owed: this.#told.map(unattended) });
  }

  #adopt(slot: Slot<Job, Result>): void {
    this.#slots.add(slot);
    slot.worker.on('message', (message: FromWorker<Result>) => {
      const done = slot.running;
      slot.running = null;
      if (message.type === 'done') done?.resolve(message.result);
      else if (message.type === 'failed') done?.reject(fromPlainError(message.error));
      this.#assign();
    });
    slot.worker.on('exit', () => {
      this.#slots.delete(slot);
      for (const { reject } of [slot.running, ...slot.owed].filter((job) => job !== null)) {
        reject(servingError('INFERENCE_WORKER_LOST'));
      }
      if (!this.#closing) void this.#replaceWorker();
    });
    this.#assign();
  }

  async #replaceWorker(): Promise<void> {
    while (!this.#closing) {
      try {
        await this.#startWorker();
        return;
      } catch (error) {
        this.#options.onWorkerLost?.(error);
        this.#pause = Math.min(LONGEST_PAUSE_MS, this.#pause * 2 + 100);
        await sleep(this.#pause, undefined, { ref: false });
      }
    }
  }

  #assign(): void {
    for (const slot of this.#slots) {
      if (slot.running) continue;
      const next = slot.owed.shift() ?? this.#waiting.shift();
      if (next) {
        slot.running = next;
        slot.worker.postMessage({ type: 'job', job: next.job } satisfies ToWorker<Job>, next.transfer);
      } else if (this.#closing) {
        slot.worker.postMessage({ type: 'stop' } satisfies ToWorker<Job>);
      }
    }
  }
}

/** A job whose outcome nobody waits for: a worker that cannot do it goes on as it is. */
function unattended<Job, Result>(job: Job): Waiting<Job, Result> {
  return { job, transfer: [], resolve: () => undefined, reject: () => undefined };
}
