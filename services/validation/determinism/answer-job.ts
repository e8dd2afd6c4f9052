import { parentPort, workerData } from 'node:worker_threads';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { TfjsAnswer, TfjsJob } from './tfjs-engine';

/** The probabilities of one patch, `[labels]`, for its HU in C order. */
export type Predict = (patch: Float32Array) => Float32Array;

/** Scores the patches of this thread's job one by one, in plain JavaScript. */
export function answerJob(load: (job: TfjsJob) => Promise<Predict>): void {
  const answer = (message: TfjsAnswer) => {
    parentPort!.postMessage(message);
  };
  score(workerData as TfjsJob, load).then(
    (probabilities) => {
      answer({ probabilities });
    },
    (error: unknown) => {
      answer({ problem: error instanceof Error ? error.message : String(error) });
    },
  );
}

async function score(job: TfjsJob, load: (job: TfjsJob) => Promise<Predict>): Promise<number[]> {
  // Otherwise TF.js prints an advertisement for tfjs-node, which would be another engine, at its first tensor.
  tf.enableProdMode();
  await tf.setBackend('cpu');
  const predict = await load(job);
  const voxels = job.hu.length / job.count;
  return Array.from({ length: job.count }, (_, i) => [
    ...predict(Float32Array.from(job.hu.subarray(i * voxels, (i + 1) * voxels))),
  ]).flat();
}
