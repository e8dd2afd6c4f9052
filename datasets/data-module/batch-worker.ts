import { parentPort, workerData } from 'node:worker_threads';
import { type PackedError, packError } from 'coded-error';
import type { PatchLayout } from '../patch-cache';
import type { Part } from '../split';
import { createBatchMaker } from './batch-maker';
import type { BatchTask } from './batch-task';

export type BatchRequest =
  { part: Part; layout: PatchLayout } | { id: number; task: BatchTask; memory: ArrayBuffer | undefined };
export type BatchAnswer = { id: number } & ({ x: ArrayBuffer } | { error: PackedError });

/** A thread that reads, varies and converts batches: the task comes in, the memory of the batch goes back. */
const maker = createBatchMaker((workerData as { memoryBytes: number }).memoryBytes);

parentPort?.on('message', (request: BatchRequest) => {
  if ('layout' in request) {
    maker.open(request.part, request.layout);
    return;
  }
  const { id, task, memory } = request;
  try {
    const x = maker.make(task, memory).buffer;
    const answer: BatchAnswer = { id, x };
    parentPort?.postMessage(answer, [x]);
  } catch (error) {
    const answer: BatchAnswer = { id, error: packError(error) };
    parentPort?.postMessage(answer);
  }
});
