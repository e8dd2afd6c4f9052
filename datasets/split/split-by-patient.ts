import { digestJson } from 'durable-files';
import { seededRandom } from 'seeded-random';
import { type DatasetManifest, compareText, patientKey } from '../manifest';
import { splitError } from './errors';

/** Patient ids by what they are used for. A patient stands on one side only. */
export interface Split {
  /** Over the patients' keys on each side; the seed is not in it. */
  digest: string;
  seed: number;
  train: string[];
  validation: string[];
  test: string[];
}

export type Part = 'train' | 'validation' | 'test';
export const PARTS: readonly Part[] = ['train', 'validation', 'test'];

/** A word for each patient that the parts should have alike, such as the site or the scanner. */
export type Strata = ReadonlyMap<string, string>;

interface Patient {
  id: string;
  nodules: boolean;
  nonNodules: boolean;
}

export interface SplitOptions {
  seed: number;
  /** Shares of the patients; the rest is trained on. With a holdout, `test` only sets what `validation` is a share of. */
  fractions: { validation: number; test: number };
  /** The suite's fixed patients: `test` is exactly these, and only the others are split. */
  holdout?: readonly string[];
  /** Shares hold among the patients of each stratum too. */
  strata?: Strata;
}

/**
 * Splits patients, never candidates, so that each part that is asked for has nodules and non-nodules, and so that the
 * shares hold among patients with nodules and among those without. The same seed and patients give the same split,
 * in whatever order the manifest lists them.
 *
 * @throws CodedError SPLIT_TOO_FEW_PATIENTS where no such split exists; SPLIT_BAD_FRACTIONS; SPLIT_UNKNOWN_PATIENT.
 */
export function splitByPatient(manifest: DatasetManifest, { seed, fractions, holdout, strata }: SplitOptions): Split {
  const { validation, test } = fractions;
  if (!(validation >= 0 && test >= 0 && validation + test < 1))
    throw splitError('SPLIT_BAD_FRACTIONS', { validation, test });
  const patients = patientsOf(manifest);
  const held = new Set(holdout);
  for (const id of held) {
    if (!patients.some((patient) => patient.id === id))
      throw splitError('SPLIT_UNKNOWN_PATIENT', { patient: patientKey(id) });
  }
  const shares = { train: 1 - validation - test, validation, test: holdout ? 0 : test };
  const free = seededRandom(seed)
    .fork('split')
    .shuffle(patients.filter(({ id }) => !held.has(id)));
  const parts = assign(free, shares, strata);
  const lists = {
    train: idsOf(parts.train),
    validation: idsOf(parts.validation),
    test: holdout ? [...held].sort(compareText) : idsOf(parts.test),
  };
  return { digest: splitDigest(lists), seed, ...lists };
}

/** Over the patients' keys on each side, in any order. */
export function splitDigest(split: Pick<Split, Part>): string {
  return digestJson(PARTS.map((part) => split[part].map(patientKey).sort()));
}

/** @throws CodedError SPLIT_OVERLAP where a patient stands on two sides. */
export function assertDisjoint(split: Pick<Split, Part>): void {
  const seen = new Map<string, Part>();
  for (const part of PARTS) {
    for (const id of split[part]) {
      const first = seen.get(id);
      if (first !== undefined && first !== part) {
        throw splitError('SPLIT_OVERLAP', { patient: patientKey(id), first, second: part });
      }
      seen.set(id, part);
    }
  }
}

/** A patient's place among others: with nodules or without, then the stratum. */
export function stratumOf({ id, nodules }: Patient, strata?: Strata): string {
  return `${nodules ? 'a' : 'b'} ${strata?.get(id) ?? ''}`;
}

/** In the order of their ids. */
export function patientsOf(manifest: Pick<DatasetManifest, 'series' | 'candidates'>): Patient[] {
  const patientOfSeries = new Map(manifest.series.map(({ seriesUid, patientId }) => [seriesUid, patientId]));
  const patients = new Map<string, Patient>();
  for (const id of patientOfSeries.values()) patients.set(id, { id, nodules: false, nonNodules: false });
  for (const { seriesUid, label } of manifest.candidates) {
    const patient = patients.get(patientOfSeries.get(seriesUid) ?? '');
    if (patient) patient[label === 1 ? 'nodules' : 'nonNodules'] = true;
  }
  return [...patients.values()].sort((a, b) => compareText(a.id, b.id));
}

function assign(
  patients: readonly Patient[],
  shares: Record<Part, number>,
  strata: Strata | undefined,
): Record<Part, Patient[]> {
  const wanted = PARTS.filter((part) => shares[part] > 0);
  const { parts, rest } = seat(patients, wanted);
  const total = wanted.reduce((sum, part) => sum + shares[part], 0);
  for (const stratum of [...new Set(patients.map((patient) => stratumOf(patient, strata)))].sort(compareText)) {
    const inStratum = (patient: Patient) => stratumOf(patient, strata) === stratum;
    const size = patients.filter(inStratum).length;
    const lacking = (part: Part) => (shares[part] / total) * size - parts[part].filter(inStratum).length;
    for (const patient of rest.filter(inStratum)) {
      const neediest = wanted.reduce((best, part) => (lacking(part) > lacking(best) ? part : best));
      parts[neediest].push(patient);
    }
  }
  return parts;
}

/**
 * Gives each part a nodule and a non-nodule first: one patient with both, or, when there are no more of these, one of
 * each kind. Succeeds wherever any assignment would.
 */
function seat(
  patients: readonly Patient[],
  wanted: readonly Part[],
): { parts: Record<Part, Patient[]>; rest: Patient[] } {
  const both = patients.filter(({ nodules, nonNodules }) => nodules && nonNodules);
  const onlyNodules = patients.filter(({ nodules, nonNodules }) => nodules && !nonNodules);
  const onlyNonNodules = patients.filter(({ nodules, nonNodules }) => !nodules && nonNodules);
  const parts: Record<Part, Patient[]> = { train: [], validation: [], test: [] };
  for (const part of wanted) {
    const seats = both.length > 0 ? [both.shift()] : [onlyNodules.shift(), onlyNonNodules.shift()];
    for (const patient of seats) {
      if (!patient) throw splitError('SPLIT_TOO_FEW_PATIENTS', { patients: patients.length, parts: wanted.join(', ') });
      parts[part].push(patient);
    }
  }
  const seated = new Set(wanted.flatMap((part) => parts[part]));
  return { parts, rest: patients.filter((patient) => !seated.has(patient)) };
}

function idsOf(patients: readonly Patient[]): string[] {
  return patients.map(({ id }) => id).sort(compareText);
}
