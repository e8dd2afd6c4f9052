import { parentPort } from 'node:worker_threads';
import { type PlainError, toPlainError } from '../errors';

/** What a pool sends to a worker. One job at a time. */
export type ToWorker<Job> = { type: 'job'; job: Job } | { type: 'stop' };

/** What a worker sends back: first `ready` or `refused`, then one answer a job. */
export type FromWorker<Result> =
  | { type: 'ready' }
  | { type: 'refused'; error: PlainError }
  | { type: 'done'; result: Result }
  | { type: 'failed'; error: PlainError };

/** The result of a job and the buffers in it that move to the other side instead of being copied. */
export interface Answer<Result> {
  result: Result;
  transfer: ArrayBuffer[];
}

/**
 * The body of a pool's worker: `prepare` once, then answer jobs (of the type that the pool sends) until told to stop.
 * An error of a job goes to its sender; anything thrown elsewhere ends the worker, and the pool starts another.
 */
export async function serveJobs<Result>(
  prepare: () => Promise<(job: never) => Promise<Answer<Result>>>,
): Promise<void> {
  const port = parentPort!;
  const send = (message: FromWorker<Result>, transfer: ArrayBuffer[] = []) => {
    port.postMessage(message, transfer);
  };
  let answer: (job: never) => Promise<Answer<Result>>;
  try {
    answer = await prepare();
  } catch (error) {
    send({ type: 'refused', error: toPlainError(error) });
    return;
  }
  port.on('message', (message: ToWorker<never>) => {
    if (message.type === 'stop') {
      port.close();
      return;
    }
    // A handler that throws before it promises is an error of the job as well.
    new Promise<Answer<Result>>((resolve) => {
      resolve(answer(message.job));
    }).then(
      ({ result, transfer }) => {
        send({ type: 'done', result }, transfer);
      },
      (error: unknown) => {
        send({ type: 'failed', error: toPlainError(error) });
      },
    );
  });
  send({ type: 'ready' });
}
