import { join } from 'node:path';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { isCodedError } from 'coded-error';
import type { TunedGraph } from 'tfjs-backend-onnx';
import type { ServedModel } from '../served-model';
import type { FromTuner, TunerSetup } from './tuner';

/** What became of tuning, as the log has it. */
export type TuneOutcome =
  | { event: 'model-tuned'; batchSizes: number[]; ms: number }
  /** The portable model goes on answering. */
  | { event: 'model-not-tuned'; reason: string };

export interface TuneCallbacks {
  /** Hands checked graphs to those who run the model. */
  adopt: (graphs: readonly TunedGraph[]) => Promise<void>;
  report: (outcome: TuneOutcome) => void;
}

/**
 * Tunes the model for this CPU in a thread that lives for that alone, `afterMs` from now; null: never.
 * Nothing waits for it, and nothing that goes wrong in it reaches the endpoint: that only stays slower.
 */
export function tuneInBackground(model: ServedModel, afterMs: number | null, callbacks: TuneCallbacks) {
  let isClosed = false;
  let running: Promise<void> = Promise.resolve();
  const timer =
    afterMs === null
      ? undefined
      : setTimeout(() => {
          running = tune(model, () => isClosed, callbacks);
        }, afterMs).unref();
  return {
    /** A thread that is at work is waited for: ended, it would take the process with it. */
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await running;
    },
  };
}

async function tune(model: ServedModel, isClosed: () => boolean, { adopt, report }: TuneCallbacks): Promise<void> {
  const began = performance.now();
  try {
    const answer = await askTuner(model);
    if (isClosed()) return;
    if (answer.type === 'refused') {
      report({ event: 'model-not-tuned', reason: answer.reason });
      return;
    }
    await adopt(answer.graphs);
    const batchSizes = answer.graphs.map(({ batchSize }) => batchSize);
    report({ event: 'model-tuned', batchSizes, ms: Math.round(performance.now() - began) });
  } catch (error) {
    if (!isClosed())
      report({ event: 'model-not-tuned', reason: isCodedError(error) ? error.code : 'SERVING_INTERNAL' });
  }
}

function askTuner({ onnx, signature, goldenPatches }: ServedModel): Promise<FromTuner> {
  const worker = new Worker(join(__dirname, 'tuner.ts'), {
    workerData: { onnx, input: signature.inputs[0]!, patches: goldenPatches } satisfies TunerSetup,
    env: SHARE_ENV,
    execArgv: ['--require', require.resolve('tsx/cjs')],
  });
  return new Promise((resolve, reject) => {
    let answer: FromTuner = { type: 'refused', reason: 'SERVING_INTERNAL' };
    worker.once('message', (message: FromTuner) => {
      answer = message;
    });
    worker.once('error', reject);
    worker.once('exit', () => {
      resolve(answer);
    });
  });
}
