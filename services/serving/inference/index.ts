import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { CroppedCandidates, PatchSource } from '../patches';
import type { ServedModel } from '../served-model';
import type { InferenceJob, InferenceResult, Rows, WorkerSetup } from './jobs';
import { runInParts } from './run-in-parts';
import { WorkerPool } from './worker-pool';

export type { Rows } from './jobs';

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

/**
 * Loads the model into `workers` threads and warms each up.
 * By default a worker has two cores: one alone makes a single patch slow, many make the pool coarse.
 * Throws SERVING_MODEL_UNLOADABLE.
 */
export async function startInference(
  model: ServedModel,
  options: { workers?: number; onWorkerLost?: (error: unknown) => void } = {},
): Promise<Inference> {
  const cores = availableParallelism();
  const size = options.workers ?? Math.max(1, Math.floor(cores / 2));
  const threads = Math.max(1, Math.floor(cores / size));
  const pool = await WorkerPool.start<InferenceJob, InferenceResult>({
    file: join(__dirname, 'inference-worker.ts'),
    data: { onnx: model.onnx, signature: model.signature, threads } satisfies WorkerSetup,
    size,
    ...(options.onWorkerLost && { onWorkerLost: options.onWorkerLost }),
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
    close: () => pool.close(),
  };
}
