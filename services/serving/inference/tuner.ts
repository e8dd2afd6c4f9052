import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { isCodedError } from 'coded-error';
import type { TensorSpec } from 'model-bundle';
import { checkTuned, registerOnnxBackend, type TunedGraph, tuneOnnx } from 'tfjs-backend-onnx';

/** A thread that tunes one model for this CPU, checks the result against the portable model, and ends. */
export interface TunerSetup {
  onnx: Uint8Array;
  /** The model's one input. */
  input: TensorSpec;
  /** What to compare answers on; noise where there are none. */
  patches: readonly Float32Array[];
}

export type FromTuner = { type: 'tuned'; graphs: readonly TunedGraph[] } | { type: 'refused'; reason: string };

/** What requests are split into: one patch, and the most that run at a time. */
const BATCH_SIZES = [1, 8];
/** Requests come first. Linux counts this for the calling thread alone, others for the whole process. */
const LOW_PRIORITY = 10;

async function tune({ onnx, input, patches }: TunerSetup): Promise<readonly TunedGraph[]> {
  tf.enableProdMode();
  const backend = registerOnnxBackend({ threads: 1 });
  try {
    await tf.setBackend('onnx');
    const graphs = tuneOnnx(onnx, { batchSizes: BATCH_SIZES });
    const cases = patches.length > 0 ? patches : [noise(input)];
    await checkTuned(onnx, graphs, { cases: cases.map((patch) => ({ [input.name]: patch })), threads: 1 });
    return graphs;
  } finally {
    backend.dispose();
  }
}

/** Values of CT's range, always the same. */
function noise({ shape }: TensorSpec): Float32Array {
  const size = shape.slice(1).reduce((product, length) => product * length, 1);
  return Float32Array.from({ length: size }, (_, i) => ((i * 2654435761) % 2000) - 1000);
}

async function main(): Promise<void> {
  if (process.platform === 'linux') setPriority(LOW_PRIORITY);
  const port = parentPort!;
  try {
    port.postMessage({ type: 'tuned', graphs: await tune(workerData as TunerSetup) } satisfies FromTuner);
  } catch (error) {
    const reason = isCodedError(error) ? error.code : 'SERVING_INTERNAL';
    port.postMessage({ type: 'refused', reason } satisfies FromTuner);
  }
}

void main();
