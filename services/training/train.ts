import { hostname, userInfo } from 'node:os';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isCodedError } from 'coded-error';
import { digestJson } from 'durable-files';
import type { Bundle, Lineage } from 'model-bundle';
import { stringify } from 'yaml';
import { patientRefs, type Dataset, type Split } from '../../datasets';
import { readCheckpoint } from './checkpoint';
import { calibrateModel } from './calibration';
import { parseTrainingConfig, recipeOf, type TrainingConfig } from './config';
import { selectEngine } from './engines';
import { exportBundle } from './export';
import { fit, type FitCallback, type TrainingData } from './fit';
import { createModel, type Model } from './models';
import { openPatchData, type DataSettings, type PatchData } from './patch-data';
import { sourceRevision } from './source-revision';
import { flattenConfig, metricsByName, openTrackedRun, type TrackedRun, type TrackingClient } from './tracked-run';

/** From this share of the time on, waiting for batches is worth a person's attention. */
const NOTABLE_WAIT = 0.05;

export interface TrainOptions {
  config: TrainingConfig;
  dataset: Dataset;
  split: Split;
  /** Where the checkpoint, the run's id and the bundle lie. Called again with the same folder, training goes on there. */
  runDir: string;
  tracking: {
    client: TrackingClient;
    experiment: string;
    tags: Record<string, string>;
    /** What the person changed of the default config, in their words. */
    overrides?: readonly string[];
  };
  /** Where patches are kept, and what may be spent on them. */
  data: DataSettings;
  /** Aborting it writes a checkpoint and ends with TRAINING_INTERRUPTED. */
  signal?: AbortSignal;
  onProgress?: ProgressListener;
}

type ProgressListener = (done: number, total: number, note: string) => void;

export interface TrainResult {
  runId: string;
  bundleDir: string;
  bundleDigest: string;
  /** Of the best epoch, whose weights the bundle holds, named as in the tracked run (`val_auc`). */
  metrics: Record<string, number>;
}

/**
 * Trains a model and exports its best epoch as a bundle. The same config, data, split and code give the same bundle
 * digest on the same machine, whether or not training was interrupted between.
 * Errors: TRAINING_* (errors.ts), and those of reading the scans.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { dataset, split, signal } = options;
  const config = parseTrainingConfig(options.config);
  const onProgress = options.onProgress ?? (() => undefined);

  const engine = await selectEngine(config.engine.name, config.threads);
  const lineage = await traceLineage({ dataset, split, config, engine });
  const data = await openPatchData({ dataset, split, config, settings: options.data, signal, onProgress });
  try {
    return await trainOn(data, { ...options, config, onProgress }, lineage);
  } finally {
    await data.close();
  }
}

async function trainOn(
  data: PatchData,
  options: TrainOptions & { onProgress: ProgressListener },
  lineage: Lineage,
): Promise<TrainResult> {
  const { config, dataset, runDir, onProgress } = options;
  const model = createModel(config, dataset.manifest.labels);
  const identity = { config: lineage.configDigest, data: lineage.dataset.digest, split: lineage.split.digest };
  const resumeFrom = await readCheckpoint(runDir, identity);
  const run = await openRun(options, config, lineage);
  try {
    await logInputs(run, options, config);
    const { best, bestWeights } = await fit({
      model,
      data,
      config,
      runDir,
      identity,
      resumeFrom,
      callbacks: [{ onEpochEnd: (history) => run.logEpochs(history) }, progressReporter(config, data, onProgress)],
      signal: options.signal,
    });
    model.module.setWeights(bestWeights);
    const calibrated = { ...lineage, ...(await calibrate(model, data, config, run)) };
    const { goldenPatches } = data;
    const bundle = await exportBundle(join(runDir, 'bundle'), { model, config, lineage: calibrated, goldenPatches });
    await logBundle(run, bundle);
    await run.finish();
    return { runId: run.runId, bundleDir: bundle.dir, bundleDigest: bundle.digest, metrics: metricsByName(best) };
  } catch (error) {
    await run.abandon(isCodedError(error) && error.code === 'TRAINING_INTERRUPTED' ? 'KILLED' : 'FAILED');
    throw error;
  } finally {
    model.dispose();
  }
}

/** As the config asks; a split that fixes no temperature leaves the model as it is, and the run says so. */
async function calibrate(
  model: Model,
  data: TrainingData,
  config: TrainingConfig,
  run: TrackedRun,
): Promise<Pick<Lineage, 'calibration'>> {
  if (config.calibration === 'none') return {};
  const fitted = await calibrateModel(model, data.validationBatches());
  await run.logTag(
    'calibration',
    fitted ? `temperature ${fitted.temperature}` : 'none: the split fixes no temperature',
  );
  return fitted ? { calibration: { method: 'temperature', temperature: fitted.temperature, cases: fitted.cases } } : {};
}

async function traceLineage({
  dataset: { manifest },
  split,
  config,
  engine,
}: Pick<TrainOptions, 'dataset' | 'split' | 'config'> & { engine: Lineage['engine'] }): Promise<Lineage> {
  return {
    git: await sourceRevision(),
    dataset: { name: manifest.name, digest: manifest.digest },
    split: {
      digest: split.digest,
      train: patientRefs(manifest, split.train),
      validation: patientRefs(manifest, split.validation),
    },
    configDigest: digestJson(recipeOf(config)),
    image: null,
    seed: config.seed,
    engine,
  };
}

function openRun({ tracking, runDir }: TrainOptions, config: TrainingConfig, lineage: Lineage): Promise<TrackedRun> {
  const user = userInfo().username;
  const commit = lineage.git?.commit ?? 'unknown';
  return openTrackedRun({
    client: tracking.client,
    experiment: tracking.experiment,
    runDir,
    params: flattenConfig(config),
    tags: {
      user,
      host: hostname(),
      engine: `${lineage.engine.name} ${lineage.engine.version}`,
      git_commit: lineage.git?.dirty ? `${commit}+changes` : commit,
      dataset_digest: lineage.dataset.digest,
      split_digest: lineage.split.digest,
      'mlflow.user': user,
      'mlflow.source.git.commit': commit,
      ...tracking.tags,
    },
  });
}

async function logInputs(
  run: TrackedRun,
  { tracking, dataset, split }: TrainOptions,
  config: TrainingConfig,
): Promise<void> {
  await run.logArtifact('config.yaml', stringify(config));
  await run.logArtifact('overrides.yaml', stringify(tracking.overrides ?? []));
  await run.logArtifact('split.csv', splitCsv(dataset, split));
}

/** Who stands where, patients by their keys and series by their digests: nothing of it names a person. */
function splitCsv({ manifest }: Dataset, split: Split): string {
  const lines = (['train', 'validation', 'test'] as const).flatMap((part) =>
    patientRefs(manifest, split[part]).flatMap(({ patient, series }) =>
      series.map((digest) => `${part},${patient},${digest}`),
    ),
  );
  return ['part,patient,series', ...lines, ''].join('\n');
}

async function logBundle(run: TrackedRun, bundle: Bundle): Promise<void> {
  for (const name of ['manifest.json', 'signature.json', 'lineage.json']) {
    await run.logArtifact(`bundle/${name}`, await readFile(join(bundle.dir, name)));
  }
}

function progressReporter(
  { trainer: { max_epochs: epochs } }: TrainingConfig,
  { batchesPerEpoch, waitSeconds }: TrainingData,
  onProgress: ProgressListener,
): FitCallback {
  let lastResult = '';
  const begun = performance.now();
  const waitNote = () => {
    const share = (1000 * waitSeconds()) / (performance.now() - begun);
    return share > NOTABLE_WAIT ? `, ${Math.round(100 * share)} % of the time waiting for data` : '';
  };
  return {
    onBatchEnd({ epoch, batchesDone }) {
      const done = epoch * batchesPerEpoch + batchesDone;
      onProgress(done, epochs * batchesPerEpoch, `epoch ${epoch + 1} of ${epochs}${lastResult}${waitNote()}`);
    },
    onEpochEnd(history) {
      const auc = history.at(-1)!.validation.auc;
      lastResult = auc === null ? '' : `, validation AUC ${auc.toFixed(3)}`;
    },
  };
}
