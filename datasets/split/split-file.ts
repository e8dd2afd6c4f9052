import { readFile, stat } from 'node:fs/promises';
import { writeJsonDurably } from 'durable-files';
import { z } from 'zod';
import type { DatasetManifest } from '../manifest';
import { splitError } from './errors';
import { examineSplit } from './examine-split';
import { chooseFold } from './folds';
import { PARTS, type Split, assertDisjoint, splitDigest } from './split-by-patient';

const patientIds = z
  .array(z.string().min(1))
  .refine((ids) => new Set(ids).size === ids.length, 'a patient stands twice');

const splitFileSchema = z.strictObject({
  digest: z.string().optional(),
  seed: z.int().default(0),
  train: patientIds.min(1),
  validation: patientIds.min(1),
  test: patientIds,
});

/** Writes a split as JSON that a person can read and edit. */
export async function writeSplit(file: string, split: Split): Promise<void> {
  await writeJsonDurably(file, split);
}

export interface ReadSplitOptions {
  /** Which fold of a `master.csv` is left out of training. */
  fold?: number | null;
  /** The dataset that the split is for: its scans and patients are then held against the files. */
  manifest?: Pick<DatasetManifest, 'series' | 'digest'>;
  onWarning?: (warning: string) => void;
}

/**
 * Reads a split, whatever form it has: the folder of CSV files that `lungate data split` writes, its `master.csv`
 * alone, or JSON with the lists `train`, `validation` and `test` of patient ids. The digest is taken anew.
 *
 * @throws CodedError SPLIT_FILE_UNREADABLE; SPLIT_OVERLAP where a patient stands on two sides; SPLIT_CSV_WRONG with
 *   file, line and column; SPLIT_NO_FOLD.
 */
export async function readSplit(path: string, options: ReadSplitOptions = {}): Promise<Split> {
  const split = (await isCsvSplit(path)) ? await readCsvSplit(path, options) : await readJsonSplit(path, options);
  assertDisjoint(split);
  return { digest: splitDigest(split), ...split };
}

/** A folder or a `.csv`; everything else is JSON. */
export async function isCsvSplit(path: string): Promise<boolean> {
  if (path.endsWith('.csv')) return true;
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

async function readJsonSplit(file: string, { fold }: ReadSplitOptions): Promise<Omit<Split, 'digest'>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw splitError('SPLIT_FILE_UNREADABLE', { file, problem: (error as Error).message }, error);
  }
  const parsed = splitFileSchema.safeParse(value);
  if (!parsed.success) {
    const problem = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    throw splitError('SPLIT_FILE_UNREADABLE', { file, problem });
  }
  if (fold !== undefined && fold !== null) throw splitError('SPLIT_NO_FOLD', { file, fold, folds: 'no folds' });
  const { seed, train, validation, test } = parsed.data;
  return { seed, train, validation, test };
}

async function readCsvSplit(
  path: string,
  { fold, manifest, onWarning }: ReadSplitOptions,
): Promise<Omit<Split, 'digest'>> {
  const subjects = manifest && {
    patientOf: new Map(manifest.series.map(({ seriesUid, patientId }) => [seriesUid, patientId])),
    digest: manifest.digest,
  };
  const { rows, errors, warnings } = await examineSplit(path, subjects);
  const [first, ...others] = errors;
  if (first) {
    const { file, line, column, what, code } = first;
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    throw splitError('SPLIT_CSV_WRONG', { file, line, column, what: `${what}${more}`, problem: code });
  }
  for (const { file, what } of warnings) onWarning?.(`${file}: ${what}`);
  const parts = fold === undefined || fold === null ? rows : chooseFold(path, rows, fold);
  const lists = { train: new Set<string>(), validation: new Set<string>(), test: new Set<string>() };
  for (const { patientId, part } of parts) lists[part].add(patientId);
  for (const part of PARTS) {
    if (part !== 'test' && lists[part].size === 0) {
      throw splitError('SPLIT_FILE_UNREADABLE', { file: path, problem: `nobody is in ${part}` });
    }
  }
  const [train, validation, test] = PARTS.map((part) => [...lists[part]].sort()) as [string[], string[], string[]];
  return { seed: 0, train, validation, test };
}
