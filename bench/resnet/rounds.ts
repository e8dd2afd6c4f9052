import * as tf from '@tensorflow/tfjs-core';
import { answerRounds } from '../side-by-side/answer-rounds';
import { batchesInTurn, type ResnetTask } from './task';

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

/** What a TF.js side of a resnet bench can do with images x [B, …]. */
export interface Contestant {
  /** @param y one-hot labels [B, classes]; @returns the loss. */
  train: (x: tf.Tensor, y: tf.Tensor) => tf.Scalar;
  /** @returns probabilities [B, classes]. */
  infer: (x: tf.Tensor) => tf.Tensor;
}

/** Answers the bench's requests until its input ends. */
export async function answerRequests(task: ResnetTask, { train, infer }: Contestant): Promise<void> {
  const nextBatch = batchesInTurn(task);
  const { input, classes } = task.architecture;
  const size = input.reduce((a, b) => a * b);
  const tensorOf = (values: Float32Array): tf.Tensor => tf.tensor(values, [values.length / size, ...input]);
  const oneHot = (labels: ArrayLike<number>): tf.Tensor =>
    tf.oneHot(tf.tensor1d(Int32Array.from(labels), 'int32'), classes);
  await answerRounds({ name: 'Lungate' }, (given) => {
    const { work, steps, batchSize } = given as Request;
    const batches = Array.from({ length: work === 'training' ? steps : 1 }, nextBatch);
    const patch = batches[0]!.inputs.slice(0, batchSize * size);
    const losses: number[] = [];
    const begun = performance.now();
    for (let i = 0; i < steps; i++) {
      if (work === 'training')
        losses.push(read(() => train(tensorOf(batches[i]!.inputs), oneHot(batches[i]!.labels)))[0]!);
      else read(() => infer(tensorOf(patch)));
    }
    return Promise.resolve({ seconds: (performance.now() - begun) / 1000, losses } satisfies Answer);
  });
}

/** Computes a tensor, and keeps its values only. */
function read(compute: () => tf.Tensor): Float32Array {
  const tensor = tf.tidy(compute);
  const values = tensor.dataSync<'float32'>();
  tensor.dispose();
  return values;
}
