import { existsSync } from 'node:fs';
import { digestJson } from 'durable-files';
import { type Bundle, decodePatch, readBundle, readGoldenCases } from 'model-bundle';
import { type Candidate, candidatesOf, type Dataset, loadPatches, patientRefs, type Split } from '../../../datasets';
import { patchContractOf, type TrainingConfig } from '../config';
import { selectEngine } from '../engines';
import { trainingError } from '../errors';
import { exportBundle } from '../export';
import { type Batch, createModel } from '../models';
import { calibrateModel, type ModelCalibration } from './calibrate-model';
import { readTrained } from './read-trained';

const BATCH = 32;

export interface CalibrateOptions {
  bundleDir: string;
  /** Where the new bundle goes, whole or not at all; nothing may stand there. */
  outDir: string;
  dataset: Dataset;
  /** The split that the model was trained with. */
  split: Split;
  threads: number | null;
  onProgress?: (done: number, total: number) => void;
}

export interface CalibrateResult extends ModelCalibration {
  bundle: Bundle;
}

/**
 * Makes a new bundle of one that training wrote, with its logits divided by a temperature fitted on the validation split;
 * the old one stays. Calibrated again, a model is as if it had been calibrated once.
 *
 * @throws CodedError TRAINING_CALIBRATION_…, those of reading the bundle and the scans
 */
export async function calibrateBundle(options: CalibrateOptions): Promise<CalibrateResult> {
  const { bundleDir, outDir, dataset, split, threads } = options;
  if (existsSync(outDir)) throw trainingError('TRAINING_CALIBRATION_OUT_EXISTS', { dir: outDir });
  const bundle = await readBundle(bundleDir);
  assertOwnValidation(bundle, dataset, split);
  // The only engine that can export; before it is chosen TF.js would talk of others.
  await selectEngine('onnx', threads);
  const { config, weights } = await readTrained(bundle);
  const [negative, positive] = bundle.signature.labels as [string, string];
  const model = createModel(config, [negative, positive]);
  try {
    model.module.setWeights(weights);
    const fitted = await calibrateModel(model, validationBatches(options, config));
    if (!fitted) throw trainingError('TRAINING_CALIBRATION_UNDEFINED');
    const before = bundle.lineage.calibration?.temperature ?? 1;
    const calibration = {
      method: 'temperature',
      temperature: before * fitted.temperature,
      cases: fitted.cases,
    } as const;
    const golden = await readGoldenCases(bundle);
    const written = await exportBundle(outDir, {
      model,
      config: { ...config, calibration: 'temperature' },
      lineage: { ...bundle.lineage, calibration },
      goldenPatches: golden.map(({ id, patch }) => ({ id, hu: Int16Array.from(decodePatch(patch)) })),
    });
    return { ...fitted, temperature: calibration.temperature, bundle: written };
  } finally {
    model.dispose();
  }
}

/** What the model never saw, or what its figures rest on, may not calibrate it: only the patients that watched it. */
function assertOwnValidation({ lineage }: Bundle, { manifest }: Dataset, split: Split): void {
  const found = patientRefs(manifest, split.validation);
  if (split.digest === lineage.split.digest && digestJson(found) === digestJson(lineage.split.validation)) return;
  throw trainingError('TRAINING_CALIBRATION_OTHER_SPLIT', { found: split.digest, expected: lineage.split.digest });
}

/** The validation patients' patches, one scan in memory at a time; batches of one shape, the last of a scan filled up. */
async function* validationBatches(
  { dataset, split, onProgress }: CalibrateOptions,
  config: TrainingConfig,
): AsyncGenerator<Batch> {
  const candidates = candidatesOf(dataset.manifest, split.validation);
  const contract = patchContractOf(config);
  const voxels = contract.patchSize.reduce((product, size) => product * size, 1);
  const ofSeries = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const own = ofSeries.get(candidate.seriesUid);
    if (own) own.push(candidate);
    else ofSeries.set(candidate.seriesUid, [candidate]);
  }
  let done = 0;
  for (const own of ofSeries.values()) {
    const { hu, labels } = await loadPatches(dataset, own, { contract });
    for (let from = 0; from < own.length; from += BATCH) {
      const x = new Float32Array(BATCH * voxels);
      x.set(hu.subarray(from * voxels, (from + BATCH) * voxels));
      yield { x, y: labels.subarray(from, from + BATCH) };
    }
    done += own.length;
    onProgress?.(done, candidates.length);
  }
}
