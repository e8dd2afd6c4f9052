import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Dataset,
  type Split,
  foldsByPatient,
  openDatasetFolder,
  partsOfFold,
  readStrata,
  splitByPatient,
  splitBySubset,
  splitError,
  writeSplitFolder,
} from '../datasets';
import { readSuite } from '../services/validation';
import { say, startProgress } from './terminal';

export interface SplitCommandOptions {
  to: string;
  by: 'patient' | 'subset';
  validation?: number;
  test?: number;
  folds?: number;
  stratify?: string;
  suite?: string;
  seed: number;
}

/** Puts each patient of a dataset on one side, and writes who stands where as CSV files. */
export async function splitDataset(dir: string, options: SplitCommandOptions): Promise<void> {
  if (existsSync(join(options.to, 'master.csv'))) throw splitError('SPLIT_FOLDER_TAKEN', { dir: options.to });
  const progress = startProgress('open');
  const dataset = await openDatasetFolder(dir, {
    onProgress: (done, total) => {
      progress.update(done, total, `${done} of ${total} scans`);
    },
  });
  progress.end(`${dataset.manifest.series.length} scans in ${dir}`);
  const { split, foldOf, notes } =
    options.by === 'subset' ? bySubset(dataset, options) : await byPatient(dataset, options);
  const how = {
    by: options.by,
    seed: options.seed,
    folds: options.folds ?? null,
    stratified: options.stratify ?? null,
  };
  await writeSplitFolder(options.to, dataset.manifest, split, { how, ...(foldOf ? { foldOf } : {}) });
  for (const note of notes) say(note);
  for (const part of ['train', 'validation', 'test'] as const) sayPart(dataset, part, split[part]);
  const folds = foldOf ? ', and with split.fold=0, 1, … to leave out one fold' : '';
  say(`written to ${options.to}; train with split.file=${options.to}${folds}`);
}

interface Made {
  split: Split;
  foldOf?: Map<string, number>;
  notes: string[];
}

function bySubset({ manifest }: Dataset, { validation = 8, test = 9 }: SplitCommandOptions): Made {
  const { split, foldOf, moved } = splitBySubset(manifest, { validation, test });
  const notes = moved === 0 ? [] : [`${moved} patients have scans in several subsets; each stands on one side only`];
  return { split, foldOf, notes };
}

async function byPatient({ dir, manifest }: Dataset, options: SplitCommandOptions): Promise<Made> {
  const { seed, folds, suite, stratify } = options;
  const strata = stratify === undefined ? undefined : await readStrata(dir, manifest, stratify.split(','));
  const holdout = suite === undefined ? undefined : (await readSuite(suite)).holdout.patients;
  const common = { seed, ...(strata ? { strata } : {}) };
  const fractions = { validation: options.validation ?? 0.15, test: options.test ?? (folds === undefined ? 0.2 : 0) };
  const whole = splitByPatient(manifest, { ...common, fractions, ...(holdout ? { holdout } : {}) });
  if (folds === undefined) return { split: whole, notes: [] };
  const foldOf = foldsByPatient(manifest, { ...common, folds, holdout: whole.test });
  return {
    split: partsOfFold(foldOf, whole.test, 0),
    foldOf,
    notes: [`${folds} folds; the parts are those of fold 0`],
  };
}

function sayPart({ manifest }: Dataset, part: string, patients: readonly string[]): void {
  const ids = new Set(patients);
  const series = new Set(
    manifest.series.filter(({ patientId }) => ids.has(patientId)).map(({ seriesUid }) => seriesUid),
  );
  const candidates = manifest.candidates.filter(({ seriesUid }) => series.has(seriesUid));
  const positive = candidates.filter(({ label }) => label === 1).length;
  const counts = [
    `${String(patients.length).padStart(4)} patients`,
    `${String(series.size).padStart(4)} scans`,
    `${String(candidates.length).padStart(6)} candidates`,
    `${String(positive).padStart(5)} ${manifest.labels[1]}`,
  ];
  say(`${part.padEnd(10)} ${counts.join('  ')}`);
}
