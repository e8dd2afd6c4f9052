import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { CroppedCandidates, PatchSource } from '../patches';
import type { ServedModel } from '../served-model';
import type { InferenceJob, InferenceResult, Rows, WorkerSetup } from './jobs';
import { runInParts } from './run-in-parts';
import { tuneInBackground, type TuneOutcome } from './tune-in-background';
import { WorkerPool } from './worker-pool';

export type { Rows } from './jobs';
export type { TuneOutcome } from './tune-in-background';

/** The model, off the event loop. */
export interface Inference {
  ready: () => boolean;
  /**
   * Runs any number of rows. The buffers of `inputs` may be gone afterwards.
   * Rejects with INFERENCE_WORKER_LOST, INFERENCE_STOPPED, INFERENCE_NOT_FINITE.
   */
  run: (inputs: Rows, rows: number) => Promise<Rows>;
  /** Cuts a caller's candidates out of their volume; rejects with the coded error of what is wrong in it. */
  crop: (source: PatchSource, transfer: ArrayBuffer[]) => Promise<CroppedCandidates>;
  close: () => Promise<void>;
}

export interface InferenceOptions {
  workers?: number;
  onWorkerLost?: (error: unknown) => void;
  /** How long after the start tuning begins; null (default): never. */
  tuneAfterMs?: number | null;
  onTuned?: (outcome: TuneOutcome) => void;
}

/**
 * Loads the model into `workers` threads and warms each up.
 * By default a worker has two cores: one alone makes a single patch slow, many make the pool coarse.
 * Once they answer, graphs tuned for this CPU are made in a thread of their own, and taken over between two jobs.
 * Throws SERVING_MODEL_UNLOADABLE.
 */
export async function startInference(model: ServedModel, options: InferenceOptions = {}): Promise<Inference> {
  const cores = availableParallelism();
  const size = options.workers ?? Math.max(1, Math.floor(cores / 2));
  const threads = Math.max(1, Math.floor(cores / size));
  const pool = await WorkerPool.start<InferenceJob, InferenceResult>({
    file: join(__dirname, 'inference-worker.ts'),
    data: { onnx: model.onnx, signature: model.signature, threads } satisfies WorkerSetup,
    size,
    ...(options.onWorkerLost && { onWorkerLost: options.onWorkerLost }),
  });

  const tuning = tuneInBackground(model, options.tuneAfterMs ?? null, {
    adopt: (graphs) => pool.tellAll({ kind: 'adopt', graphs }),
    report: options.onTuned ?? (() => undefined),
  });

  async function runOnce(inputs: Rows, rows: number): Promise<Rows> {
    const transfer = Object.values(inputs).map((values) => values.buffer as ArrayBuffer);
    const result = await pool.run({ kind: 'run', inputs, rows }, transfer);
    if (result.kind !== 'run') throw new TypeError('a run was answered with a crop');
    return result.outputs;
  }

  return {
    ready: () => pool.ready,
    run: (inputs, rows) => runInParts(model.signature, inputs, rows, runOnce),
    crop: async (source, transfer) => {
      const result = await pool.run({ kind: 'crop', source }, transfer);
      if (result.kind !== 'crop') throw new TypeError('a crop was answered with a run');
      return result.cropped;
    },
    close: async () => {
      await tuning.close();
      await pool.close();
    },
  };
}
