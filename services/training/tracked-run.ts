import { join } from 'node:path';
import { readJson, writeJsonDurably } from 'durable-files';
import { isMlflowApiError, type MlflowClient } from 'mlflow-rest-ts';
import { z } from 'zod';
import type { EpochRecord } from './checkpoint';
import type { TrainingConfig } from './config';
import { trainingError } from './errors';

/** What training needs of a tracking server. */
export type TrackingClient = Pick<
  MlflowClient,
  'getOrCreateExperiment' | 'createRun' | 'getRun' | 'updateRun' | 'logBatch' | 'logArtifact' | 'getMetricHistory'
>;

/** One MLflow run, which lives as long as its run folder: a resumed training goes on in it. */
export interface TrackedRun {
  runId: string;
  /** Logs the epochs that the server does not have yet, each point once. A server that is away for a while is asked again later. */
  logEpochs: (history: readonly EpochRecord[]) => Promise<void>;
  /** Fails with TRAINING_TRACKING_FAILED. */
  logArtifact: (path: string, content: Uint8Array | string) => Promise<void>;
  /** Fails with TRAINING_TRACKING_FAILED. */
  logTag: (key: string, value: string) => Promise<void>;
  /** Logs what is still owed, then ends the run. Fails with TRAINING_TRACKING_FAILED. */
  finish: () => Promise<void>;
  /** Ends the run with a bad status if the server can be reached; what went wrong is the caller's to say. */
  abandon: (status: 'FAILED' | 'KILLED') => Promise<void>;
}

export interface TrackedRunOptions {
  client: TrackingClient;
  experiment: string;
  runDir: string;
  params: Record<string, string>;
  tags: Record<string, string>;
}

const runFileSchema = z.object({ runId: z.string() });

/** Fails with TRAINING_TRACKING_FAILED. */
export async function openTrackedRun(options: TrackedRunOptions): Promise<TrackedRun> {
  const { client, runDir } = options;
  const guarded = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: unknown) => {
      throw trainingError('TRAINING_TRACKING_FAILED', { reason: (cause as Error).message, runDir }, cause);
    });
  const runId = await guarded(begin(options));
  let history: readonly EpochRecord[] = [];
  let nextEpoch: number | undefined;

  async function sendOwed(): Promise<void> {
    nextEpoch ??= await firstUnloggedEpoch(client, runId);
    for (const record of history.filter(({ epoch }) => epoch >= nextEpoch!)) {
      await client.logBatch(runId, { metrics: metricPoints(record) });
      nextEpoch = record.epoch + 1;
    }
  }

  return {
    runId,
    async logEpochs(soFar) {
      history = soFar;
      // Hours of training must not end because the server was restarted: the points are sent with a later epoch.
      await sendOwed().catch(() => undefined);
    },
    logArtifact: (path, content) => guarded(client.logArtifact(runId, path, content)),
    logTag: (key, value) => guarded(client.logBatch(runId, { tags: { [key]: value } })),
    finish: () => guarded(sendOwed().then(() => client.updateRun(runId, { status: 'FINISHED' }))),
    async abandon(status) {
      await sendOwed()
        .then(() => client.updateRun(runId, { status }))
        .catch(() => undefined);
    },
  };
}

/** The run of this folder, running again, or a new one. */
async function begin({ client, experiment, runDir, params, tags }: TrackedRunOptions): Promise<string> {
  const file = join(runDir, 'run.json');
  const known = runFileSchema.safeParse(await readJson(file)).data?.runId;
  if (known !== undefined && (await runExists(client, known))) {
    await client.updateRun(known, { status: 'RUNNING' });
    return known;
  }
  const { experimentId } = await client.getOrCreateExperiment(experiment);
  const { runId } = await client.createRun({ experimentId, tags });
  await client.logBatch(runId, { params });
  await writeJsonDurably(file, { runId });
  return runId;
}

async function runExists(client: TrackingClient, runId: string): Promise<boolean> {
  try {
    await client.getRun(runId);
    return true;
  } catch (error) {
    if (isMlflowApiError(error, 'RESOURCE_DOES_NOT_EXIST')) return false;
    throw error;
  }
}

async function firstUnloggedEpoch(client: TrackingClient, runId: string): Promise<number> {
  const points = await client.getMetricHistory(runId, 'val_loss');
  return points.reduce((next, { step }) => Math.max(next, step + 1), 0);
}

/** One request's worth, so that an epoch is logged whole or not at all. */
function metricPoints(record: EpochRecord) {
  const { epoch: step, timestamp } = record;
  const values = {
    ...metricsByName(record),
    learning_rate: record.learningRate,
    samples_per_second: record.samplesPerSecond,
    data_wait_seconds: record.dataWaitSeconds,
  };
  return Object.entries(values).map(([key, value]) => ({ key, value, step, timestamp }));
}

/** An epoch's figures as `train_loss`, `val_auc` and so on; those that the data could not give are left out. */
export function metricsByName({
  train,
  validation,
}: Pick<EpochRecord, 'train' | 'validation'>): Record<string, number> {
  const named: Record<string, number> = {};
  for (const [part, metrics] of Object.entries({ train, val: validation })) {
    for (const [name, value] of Object.entries(metrics)) if (value !== null) named[`${part}_${name}`] = value;
  }
  return named;
}

/** `{ trainer: { max_epochs: 3 } }` as `{ 'trainer.max_epochs': '3' }`. */
export function flattenConfig(config: TrainingConfig): Record<string, string> {
  const flat: Record<string, string> = {};
  const visit = (value: unknown, path: string[]): void => {
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) visit(inner, [...path, key]);
    } else {
      flat[path.join('.')] = typeof value === 'string' ? value : JSON.stringify(value);
    }
  };
  visit(config, []);
  return flat;
}
