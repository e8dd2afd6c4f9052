import * as tf from '@tensorflow/tfjs-core';
import type { Signature } from 'model-bundle';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type PatchContract, voxelsOf } from '../../../datasets';
import { trainingError } from '../errors';
import type { Optimizer } from '../optimizers';
import { emptyTally, summarize, type EpochMetrics, type Tally } from './metrics';
import type { Batch, Batches, EpochRun, Model } from './model';
import type { Network } from './network';

const CLASSES = 2;
const POSITIVE = 1;

/** What is asked of a patch. */
export interface ClassificationTask {
  /** What the model is registered as. */
  name: string;
  labels: readonly [negative: string, positive: string];
  contract: PatchContract;
}

interface BatchResult {
  /** Mean over the batch. */
  loss: number;
  /** `[batch, 2]` in rows. */
  probabilities: Float32Array;
}

/** Which of two classes is this patch of? Cross-entropy on raw Hounsfield units. */
export class PatchClassificationModel implements Model {
  readonly signature: Signature;
  private readonly patchVoxels: number;

  constructor(
    readonly module: Network,
    readonly optimizer: Optimizer,
    private readonly task: ClassificationTask,
  ) {
    this.signature = signatureOf(task);
    this.patchVoxels = voxelsOf(task.contract);
  }

  async fitEpoch(run: EpochRun): Promise<EpochMetrics> {
    await this.doTraining(run);
    return summarize(run.tally);
  }

  async validateEpoch(batches: Batches): Promise<EpochMetrics> {
    return summarize(await this.doValidation(batches));
  }

  async predict({ x }: Pick<Batch, 'x'>): Promise<Float32Array> {
    const unlabelled = new Uint8Array(x.length / this.patchVoxels);
    return (await this.evaluate({ x, y: unlabelled })).probabilities;
  }

  async logits({ x }: Pick<Batch, 'x'>): Promise<Float32Array> {
    const { patch } = this.toTensors({ x, y: new Uint8Array() });
    const { logits, probabilities } = this.module.forward(patch, { training: false });
    const rows = Float32Array.from(await logits.data());
    tf.dispose([patch, logits, probabilities]);
    return rows;
  }

  dispose(): void {
    this.optimizer.dispose();
    this.module.dispose();
  }

  /** One optimizer step a batch. */
  async doTraining(run: EpochRun): Promise<void> {
    let batch = run.firstBatch;
    for await (const samples of run.batches) {
      const learningRate = run.learningRate(batch);
      const result = this.trainStep(samples, learningRate);
      if (!Number.isFinite(result.loss)) {
        throw trainingError('TRAINING_LOSS_NOT_FINITE', { loss: result.loss, epoch: run.epoch, batch, learningRate });
      }
      this.logMetrics(run.tally, samples, result);
      batch++;
      await run.afterBatch(batch);
      // The engine blocks this thread while it computes: let signals and the network have their turn.
      await nextTurn();
    }
  }

  /** Scores every patch with the running statistics, and moves nothing. */
  async doValidation(batches: Batches): Promise<Tally> {
    const tally = emptyTally();
    for await (const samples of batches) {
      this.logMetrics(tally, samples, await this.evaluate(samples));
      await nextTurn();
    }
    return tally;
  }

  /** Mean cross-entropy of the batch (a scalar that gradients flow through) and the probabilities `[batch, 2]`. */
  computeBatchLoss(
    patch: tf.Tensor,
    labels: tf.Tensor2D,
    mode: { training: boolean },
  ): { loss: tf.Scalar; probabilities: tf.Tensor2D } {
    const { logits, probabilities } = this.module.forward(patch, mode);
    const crossEntropy = tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), -1));
    return { loss: tf.mean(crossEntropy), probabilities };
  }

  /** Adds what one batch showed to what the epoch has shown so far. */
  logMetrics(tally: Tally, samples: Batch, { loss, probabilities }: BatchResult): void {
    tally.lossSum += loss * samples.y.length;
    samples.y.forEach((label, i) => {
      tally.scores.push(probabilities[i * CLASSES + POSITIVE]!);
      tally.labels.push(label);
    });
  }

  private trainStep(samples: Batch, learningRate: number): BatchResult {
    return tf.tidy(() => {
      const { patch, labels } = this.toTensors(samples);
      let probabilities: tf.Tensor2D | undefined;
      const variables = this.module.parameters.map(({ variable }) => variable);
      const { value, grads } = tf.variableGrads(() => {
        const result = this.computeBatchLoss(patch, labels, { training: true });
        probabilities = tf.keep(result.probabilities);
        return result.loss;
      }, variables);
      const gradients = this.module.parameters.map(({ name, variable }) => [name, grads[variable.name]!] as const);
      this.optimizer.step(Object.fromEntries(gradients), learningRate);
      // The first read makes a compiling engine run the whole step at once; the second finds its value there.
      const rows = Float32Array.from(probabilities!.dataSync());
      probabilities!.dispose();
      return { loss: value.dataSync()[0]!, probabilities: rows };
    });
  }

  private async evaluate(samples: Batch): Promise<BatchResult> {
    const { loss, probabilities } = tf.tidy(() => {
      const { patch, labels } = this.toTensors(samples);
      return this.computeBatchLoss(patch, labels, { training: false });
    });
    const rows = Float32Array.from(await probabilities.data());
    const size = probabilities.shape[0];
    const result = { loss: ((await loss.data())[0]! * size) / samples.y.length, probabilities: rows };
    tf.dispose([loss, probabilities]);
    return result;
  }

  private toTensors({ x, y }: Batch): { patch: tf.Tensor; labels: tf.Tensor2D } {
    const size = x.length / this.patchVoxels;
    // A row of padding has no label, and with it no loss.
    const oneHot = new Float32Array(size * CLASSES);
    y.forEach((label, i) => (oneHot[i * CLASSES + label] = 1));
    return {
      patch: tf.tensor(x, [size, 1, ...this.task.contract.patchSize]),
      labels: tf.tensor2d(oneHot, [size, CLASSES]),
    };
  }
}

/** The contract of every such classifier, whatever its network. */
function signatureOf({ name, labels, contract }: ClassificationTask): Signature {
  const { patchSize, unit, clip, padding, resampleMm } = contract;
  return {
    name,
    task: 'classification',
    inputs: [{ name: 'patch', datatype: 'FP32', shape: [-1, 1, ...patchSize] }],
    outputs: [
      { name: 'logits', datatype: 'FP32', shape: [-1, CLASSES] },
      { name: 'probabilities', datatype: 'FP32', shape: [-1, CLASSES] },
    ],
    labels: [...labels],
    positiveLabel: labels[POSITIVE],
    preprocessing: { patchSize: [...patchSize], unit, clip: [...clip], padding, resampleMm },
  };
}
