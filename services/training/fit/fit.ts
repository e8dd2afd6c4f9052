import { writeCheckpoint, type Checkpoint, type EpochRecord, type RunIdentity } from '../checkpoint';
import type { TrainingConfig } from '../config';
import { trainingError } from '../errors';
import { emptyTally, type Batches, type EpochMetrics, type Model, type NamedArrays } from '../models';
import { learningRateAt } from '../optimizers';
import { bestEpoch, shouldStopEarly } from './best-epoch';

/** Where the patches come from. An epoch's batches are a function of its number, so that a run can be taken up again. */
export interface TrainingData {
  batchesPerEpoch: number;
  /** The batches of an epoch, less the first `from` of them; `difficulty` as `learn` gave it after the epoch before. */
  trainingBatches: (epoch: number, from: number, difficulty: Float32Array | null) => Batches;
  validationBatches: () => Batches;
  /** What the order of samples begins with; null where it does not depend on what the model makes of them. */
  initialDifficulty: Float32Array | null;
  /** Enters the probabilities that the samples of an epoch got, in their order. */
  learn: (before: Float32Array, epoch: number, scores: readonly number[]) => Float32Array;
  /** Seconds that training batches were waited for so far. */
  waitSeconds: () => number;
}

/** What hears of the loop's course. */
export interface FitCallback {
  onBatchEnd?: (position: { epoch: number; batchesDone: number }) => void;
  /** Called with every finished epoch, after the checkpoint that holds it; also once when a run is taken up again. */
  onEpochEnd?: (history: readonly EpochRecord[]) => Promise<void> | void;
}

export interface FitOptions {
  model: Model;
  data: TrainingData;
  config: Pick<TrainingConfig, 'optimizer' | 'trainer'>;
  /** Where the checkpoint is written. */
  runDir: string;
  resumeFrom: Checkpoint | undefined;
  identity: RunIdentity;
  callbacks: readonly FitCallback[];
  signal: AbortSignal | undefined;
}

export interface FitResult {
  history: readonly EpochRecord[];
  best: EpochRecord;
  bestWeights: NamedArrays;
}

/** The loop's state: what a checkpoint holds, less what lives in the model. */
type Progress = Omit<Checkpoint, 'weights' | 'optimizer' | 'identity'>;

/**
 * Trains to the last epoch or until nothing is gained, from a checkpoint if there is one.
 * An interrupted and resumed run gives the same bits as an undisturbed one.
 * Errors: TRAINING_INTERRUPTED, TRAINING_LOSS_NOT_FINITE.
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  const { model, config, callbacks } = options;
  const progress = resumeOrStart(options);
  if (progress.history.length > 0) await notifyEpochEnd(callbacks, progress.history);

  while (progress.epoch < config.trainer.max_epochs && !shouldStopEarly(progress.history, config.trainer)) {
    const record = await runEpoch(options, progress);
    progress.history = [...progress.history, record];
    if (bestEpoch(progress.history, config.trainer.monitor) === record) progress.best = await model.module.weights();
    const { difficulty, tally, epoch } = progress;
    progress.difficulty = difficulty && options.data.learn(difficulty, epoch, tally.scores);
    progress.epoch++;
    progress.batch = 0;
    progress.tally = emptyTally();
    await save(options, progress);
    await notifyEpochEnd(callbacks, progress.history);
    stopIfAborted(options, progress);
  }
  const best = bestEpoch(progress.history, config.trainer.monitor)!;
  return { history: progress.history, best, bestWeights: progress.best! };
}

function resumeOrStart({ model, data, resumeFrom }: FitOptions): Progress {
  if (!resumeFrom) {
    return { epoch: 0, batch: 0, history: [], tally: emptyTally(), best: null, difficulty: data.initialDifficulty };
  }
  const { weights, optimizer, ...progress } = resumeFrom;
  model.module.setWeights(weights);
  model.optimizer.restore(optimizer);
  return progress;
}

async function runEpoch(options: FitOptions, progress: Progress): Promise<EpochRecord> {
  const { model, data, config } = options;
  const { epoch, batch: firstBatch } = progress;
  const learningRate = (batch: number) => {
    const step = epoch * data.batchesPerEpoch + batch;
    const steps = config.trainer.max_epochs * data.batchesPerEpoch;
    return learningRateAt(step, steps, config.optimizer.lr, config.optimizer.schedule);
  };
  const samplesBefore = progress.tally.labels.length;
  const waitedBefore = data.waitSeconds();
  const begun = performance.now();
  const train: EpochMetrics = await model.fitEpoch({
    epoch,
    firstBatch,
    batches: data.trainingBatches(epoch, firstBatch, progress.difficulty),
    tally: progress.tally,
    learningRate,
    afterBatch: batchEndHandler(options, progress),
  });
  const seconds = (performance.now() - begun) / 1000;
  const dataWaitSeconds = data.waitSeconds() - waitedBefore;
  return {
    epoch,
    train,
    validation: await model.validateEpoch(data.validationBatches()),
    learningRate: learningRate(data.batchesPerEpoch - 1),
    samplesPerSecond: (progress.tally.labels.length - samplesBefore) / seconds,
    dataWaitSeconds,
    timestamp: Date.now(),
  };
}

/** After each batch: tells the callbacks, writes a checkpoint when one is due, and stops when asked to. */
function batchEndHandler(options: FitOptions, progress: Progress): (batchesDone: number) => Promise<void> {
  let lastSave = performance.now();
  return async (batchesDone) => {
    progress.batch = batchesDone;
    for (const callback of options.callbacks) callback.onBatchEnd?.({ epoch: progress.epoch, batchesDone });
    const isDue = performance.now() - lastSave > options.config.trainer.checkpoint_seconds * 1000;
    if (isDue || options.signal?.aborted) {
      await save(options, progress);
      lastSave = performance.now();
    }
    stopIfAborted(options, progress);
  };
}

async function save({ model, runDir, identity }: FitOptions, progress: Progress): Promise<void> {
  const [weights, optimizer] = [await model.module.weights(), await model.optimizer.state()];
  await writeCheckpoint(runDir, { ...progress, identity, weights, optimizer });
}

function stopIfAborted({ signal, runDir }: FitOptions, { epoch, batch }: Progress): void {
  if (signal?.aborted) throw trainingError('TRAINING_INTERRUPTED', { epoch, batch, runDir });
}

async function notifyEpochEnd(callbacks: readonly FitCallback[], history: readonly EpochRecord[]): Promise<void> {
  for (const callback of callbacks) await callback.onEpochEnd?.(history);
}
