import { answerRounds } from '../side-by-side/answer-rounds';
import { batchesInTurn, type Batch, type ResnetTask } from './task';

export interface Request {
  work: 'training' | 'inference';
  steps: number;
  batchSize: number;
}

export interface Answer {
  seconds: number;
  /** Of each training step. */
  losses: number[];
}

/** What a TF.js side of a resnet bench can do. */
export interface Contestant {
  /** One training step; @returns the loss. */
  train: (batch: Batch) => number | Promise<number>;
  /** Probabilities [B, classes], read. */
  infer: (inputs: Float32Array) => Float32Array;
}

/** Answers the bench's requests until its input ends. */
export async function answerRequests(task: ResnetTask, { train, infer }: Contestant): Promise<void> {
  const nextBatch = batchesInTurn(task);
  const size = task.architecture.input.reduce((a, b) => a * b);
  await answerRounds({ name: 'Lungate' }, async (given) => {
    const { work, steps, batchSize } = given as Request;
    const batches = Array.from({ length: work === 'training' ? steps : 1 }, nextBatch);
    const patch = batches[0]!.inputs.slice(0, batchSize * size);
    const losses: number[] = [];
    const begun = performance.now();
    for (let i = 0; i < steps; i++) {
      if (work === 'training') losses.push(await train(batches[i]!));
      else infer(patch);
    }
    return { seconds: (performance.now() - begun) / 1000, losses } satisfies Answer;
  });
}
