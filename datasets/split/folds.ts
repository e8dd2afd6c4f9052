import { seededRandom } from 'seeded-random';
import { type DatasetManifest, compareText } from '../manifest';
import { splitError } from './errors';
import { PARTS, type Part, type Split, type Strata, patientsOf, splitDigest, stratumOf } from './split-by-patient';
import type { SplitRow } from './split-table';

/**
 * Deals patients into `folds` folds whose sizes differ by one at most in each stratum: with nodules or without and,
 * where `strata` are given, of one site or scanner. The same seed and patients give the same folds.
 *
 * @throws CodedError SPLIT_BAD_FOLDS where there are fewer than two folds or fewer patients than folds.
 */
export function foldsByPatient(
  manifest: Pick<DatasetManifest, 'series' | 'candidates'>,
  { seed, folds, strata, holdout = [] }: { seed: number; folds: number; strata?: Strata; holdout?: readonly string[] },
): Map<string, number> {
  const held = new Set(holdout);
  const patients = patientsOf(manifest).filter(({ id }) => !held.has(id));
  if (!Number.isInteger(folds) || folds < 2 || folds > patients.length) {
    throw splitError('SPLIT_BAD_FOLDS', { folds, patients: patients.length });
  }
  const shuffled = seededRandom(seed).fork('folds').shuffle(patients);
  const names = [...new Set(shuffled.map((patient) => stratumOf(patient, strata)))].sort();
  const ordered = names.flatMap((name) => shuffled.filter((patient) => stratumOf(patient, strata) === name));
  // Dealt round as one row of strata, so that the remainders of the strata do not all fall to the first folds.
  return new Map(ordered.map(({ id }, i) => [id, i % folds]));
}

/**
 * The parts with one fold left out of training. Who is in no fold stays where they are. Where these are a test part
 * of their own, the fold is what training is watched by; else it is the test part, and the next fold watches.
 *
 * @throws CodedError SPLIT_NO_FOLD.
 */
export function chooseFold<Row extends Pick<SplitRow, 'part' | 'fold'>>(
  file: string,
  rows: readonly Row[],
  fold: number,
): Row[] {
  const folds = [...new Set(rows.map((row) => row.fold))].filter((each) => each !== null).sort((a, b) => a - b);
  const at = folds.indexOf(fold);
  if (at === -1) {
    const known = folds.length === 0 ? 'no folds' : `the folds ${folds.join(', ')}`;
    throw splitError('SPLIT_NO_FOLD', { file, fold, folds: known });
  }
  const hasTest = rows.some((row) => row.fold === null && row.part === 'test');
  const next = folds[(at + 1) % folds.length];
  return rows.map((row) => {
    if (row.fold === null) return row;
    if (row.fold === fold) return { ...row, part: hasTest ? 'validation' : 'test' };
    return { ...row, part: !hasTest && row.fold === next ? 'validation' : 'train' };
  });
}

/** The split with one fold left out of training, of patients in folds and of others that are always tested on. */
export function partsOfFold(foldOf: ReadonlyMap<string, number>, test: readonly string[], fold: number): Split {
  const row = (patientId: string, part: Part, of: number | null) => ({ patientId, part, fold: of });
  const rows = [
    ...test.map((patient) => row(patient, 'test', null)),
    ...[...foldOf].map(([patient, of]) => row(patient, 'train', of)),
  ];
  const lists: Record<Part, string[]> = { train: [], validation: [], test: [] };
  for (const { patientId, part } of chooseFold('', rows, fold)) lists[part].push(patientId);
  for (const part of PARTS) lists[part].sort(compareText);
  return { digest: splitDigest(lists), seed: 0, ...lists };
}
