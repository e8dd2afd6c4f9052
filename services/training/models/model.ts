import type { Signature } from 'model-bundle';
import type { Optimizer } from '../optimizers';
import type { EpochMetrics, Tally } from './metrics';
import type { Network } from './network';

/** Some patches with what they are. */
export interface Batch {
  /** HU, `[batch, slices, rows, columns]`. */
  x: Float32Array;
  /** 1 for the positive class. In validation it may be shorter than the batch: what lies beyond is padding, so that all batches have one shape. */
  y: Uint8Array;
}

/** Made ahead by other threads, or standing in memory. */
export type Batches = AsyncIterable<Batch> | Iterable<Batch>;

/** One pass over the training patches, begun or continued. */
export interface EpochRun {
  /** From 0. */
  epoch: number;
  /** The batches that are still to do. */
  batches: Batches;
  /** Number within the epoch of the first of them; above 0 when an interrupted epoch goes on. */
  firstBatch: number;
  /** What the batches before them gave; it is added to. */
  tally: Tally;
  learningRate: (batch: number) => number;
  /** Awaited after every batch: progress, checkpoints, interruption. */
  afterBatch: (batchesDone: number) => Promise<void>;
}

/** A task's model, as the fit loop knows it: how one epoch is done is its own affair. */
export interface Model {
  readonly module: Network;
  readonly optimizer: Optimizer;
  /** What the exported model takes and gives. */
  readonly signature: Signature;
  fitEpoch: (run: EpochRun) => Promise<EpochMetrics>;
  validateEpoch: (batches: Batches) => Promise<EpochMetrics>;
  /** Probabilities of the classes, `[batch, classes]` in rows, in the network's evaluation mode. */
  predict: (batch: Pick<Batch, 'x'>) => Promise<Float32Array>;
  /** The same before the softmax. */
  logits: (batch: Pick<Batch, 'x'>) => Promise<Float32Array>;
  /** Frees what it holds on the engine. */
  dispose: () => void;
}
