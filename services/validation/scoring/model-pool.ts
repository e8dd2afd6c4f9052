import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Bundle, Signature } from 'model-bundle';
import { validationError } from '../errors';
import { assertContract, type GraphContract } from './contract';

export interface WorkerSetup {
  modelPath: string;
  input: string;
  output: string;
}

/** A batch of patches in HU, flat in C order, with the shape that the model takes. */
export interface WorkerBatch {
  id: number;
  hu: Int16Array | Float32Array;
  shape: number[];
}

export type WorkerAnswer =
  { graph: GraphContract } | { id: number; probabilities: Float32Array } | { id?: number; problem: string };

/** A model of a bundle on worker threads. */
export interface ModelPool {
  /** How many batches run at once. */
  readonly width: number;
  /** Probability of each label, `[batch × labels]`, for `[batch, 1, slices, rows, columns]` HU. */
  probabilities: (hu: Int16Array | Float32Array, batch: number) => Promise<Float32Array>;
  close: () => Promise<void>;
}

/** The output that holds the softmax, in every model of this platform. */
const PROBABILITIES = 'probabilities';
const MOST_WORKERS = 4;

/**
 * Loads `model.onnx` of the bundle in worker threads and checks that it keeps its signature.
 *
 * @throws VALIDATION_CONTRACT_BROKEN, VALIDATION_SCORING_FAILED
 */
export async function openModelPool(bundle: Bundle): Promise<ModelPool> {
  const { signature } = bundle;
  const setup = { modelPath: bundle.path('model.onnx'), input: singleInput(signature), output: PROBABILITIES };
  if (!signature.outputs.some(({ name }) => name === PROBABILITIES)) {
    throw validationError('VALIDATION_CONTRACT_BROKEN', { problem: `the signature has no output ${PROBABILITIES}` });
  }
  const width = Math.min(MOST_WORKERS, availableParallelism());
  const workers = Array.from({ length: width }, () => startWorker(setup));
  const close = async () => {
    await Promise.all(workers.map((worker) => worker.close()));
  };
  try {
    for (const graph of await Promise.all(workers.map(({ ready }) => ready))) assertContract(signature, graph);
  } catch (error) {
    await close();
    throw error;
  }
  let turn = 0;
  return {
    width,
    close,
    probabilities(hu, batch) {
      const worker = workers[turn++ % width]!;
      return worker.run(hu, [batch, 1, ...signature.preprocessing.patchSize]);
    },
  };
}

function singleInput({ inputs }: Signature): string {
  if (inputs.length !== 1) {
    throw validationError('VALIDATION_CONTRACT_BROKEN', { problem: `${inputs.length} inputs, one patch expected` });
  }
  return inputs[0]!.name;
}

interface ModelWorker {
  ready: Promise<GraphContract>;
  run: (hu: Int16Array | Float32Array, shape: number[]) => Promise<Float32Array>;
  close: () => Promise<number>;
}

interface Waiting {
  resolve: (probabilities: Float32Array) => void;
  reject: (error: Error) => void;
}

function startWorker(setup: WorkerSetup): ModelWorker {
  const worker = new Worker(join(__dirname, 'model-worker.ts'), {
    workerData: setup,
    execArgv: ['--require', 'tsx/cjs'],
  });
  const waiting = new Map<number, Waiting>();
  let nextId = 0;
  const ready = new Promise<GraphContract>((resolve, reject) => {
    const fail = (problem: string) => {
      const error = validationError('VALIDATION_SCORING_FAILED', { problem });
      reject(error);
      for (const batch of waiting.values()) batch.reject(error);
    };
    worker.on('error', (error) => {
      fail(error instanceof Error ? error.message : String(error));
    });
    worker.on('message', (answer: WorkerAnswer) => {
      if ('graph' in answer) resolve(answer.graph);
      else if ('probabilities' in answer) settle(answer.id).resolve(answer.probabilities);
      else fail(answer.problem);
    });
  });

  function settle(id: number): Waiting {
    const batch = waiting.get(id)!;
    waiting.delete(id);
    return batch;
  }

  return {
    ready,
    run: (hu, shape) =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, hu, shape } satisfies WorkerBatch);
      }),
    close: () => worker.terminate(),
  };
}
