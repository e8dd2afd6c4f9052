import { seededRandom } from 'seeded-random';
import { validationError } from '../errors';
import type { Weights } from './cases';
import type { Interval } from './proportion';
import { ofSums, type SummedStatistic } from './summed';

export interface BootstrapOptions {
  resamples: number;
  seed: number;
}

/**
 * Percentile bootstrap (95 %) over patients. Whole patients are drawn with replacement, because the candidates
 * of one patient are alike and an interval over candidates would be too narrow.
 *
 * `patientOf` is `[n]`, the patient of each case as an integer from 0; `statistic` gets how often each case
 * counts and returns one or several numbers, all of the same resamples. A resample where a number is not
 * defined (NaN: no case of a class) does not count for it. The bounds are order statistics: of B values by
 * rising size, number ⌊0.025·B⌋ + 1 and number ⌈0.975·B⌉.
 *
 * Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13; resampling of whole
 * clusters: Field and Welsh, J. R. Statist. Soc. B 69 (2007).
 *
 * @throws VALIDATION_TOO_FEW_PATIENTS, VALIDATION_BOOTSTRAP_UNDEFINED (less than half of the resamples usable)
 */
export function patientBootstrap(
  patientOf: ArrayLike<number>,
  statistic: (weights: Weights) => readonly number[],
  { resamples, seed }: BootstrapOptions,
): Interval[] {
  return resamplePatients(patientOf, statistic, { resamples, seed }).map((values) => {
    const interval = percentileInterval(values);
    if (interval !== null) return interval;
    throw validationError('VALIDATION_BOOTSTRAP_UNDEFINED', { usable: countDefined(values), resamples });
  });
}

/**
 * The same for numbers that these cases may not define, such as an MCC where nothing is called positive: null where
 * less than half of the resamples are usable.
 *
 * @throws VALIDATION_TOO_FEW_PATIENTS
 */
export function patientBootstrapWhereDefined(
  patientOf: ArrayLike<number>,
  statistic: (weights: Weights) => readonly number[],
  options: BootstrapOptions,
): (Interval | null)[] {
  return resamplePatients(patientOf, statistic, options).map(percentileInterval);
}

/**
 * The same resamples for a statistic of sums: null where less than half of them define a number.
 *
 * @throws VALIDATION_TOO_FEW_PATIENTS
 */
export function patientBootstrapOfSums(
  patientOf: ArrayLike<number>,
  statistic: SummedStatistic,
  options: BootstrapOptions,
): (Interval | null)[] {
  const patients = countPatients(patientOf);
  const { size, add, of } = statistic;
  // Many patients of few cases each: their sums would be more than the cases.
  if (patients * size > patientOf.length * 4) {
    return patientBootstrapWhereDefined(patientOf, (weights) => ofSums(statistic, weights), options);
  }
  const own = new Float64Array(patients * size);
  for (let i = 0; i < patientOf.length; i++) add(i, 1, own, patientOf[i]! * size);
  const sums = new Float64Array(size);
  return resample(patients, options, (drawn) => {
    sums.fill(0);
    for (let patient = 0; patient < patients; patient++) {
      const times = drawn[patient]!;
      if (times === 0) continue;
      for (let k = 0; k < size; k++) sums[k]! += times * own[patient * size + k]!;
    }
    return of(sums);
  }).map(percentileInterval);
}

/** What `statistic` says of each resample, `[statistics][resamples]`. */
function resamplePatients(
  patientOf: ArrayLike<number>,
  statistic: (weights: Weights) => readonly number[],
  options: BootstrapOptions,
): Float64Array[] {
  const patient = Uint32Array.from(patientOf);
  const weights = new Uint32Array(patient.length);
  return resample(countPatients(patient), options, (drawn) => {
    for (let i = 0; i < weights.length; i++) weights[i] = drawn[patient[i]!]!;
    return statistic(weights);
  });
}

/** Draws as many patients as there are, with replacement, again and again; `statistic` gets how often each was drawn. */
function resample(
  patients: number,
  { resamples, seed }: BootstrapOptions,
  statistic: (drawn: Uint32Array) => readonly number[],
): Float64Array[] {
  if (patients < 2) throw validationError('VALIDATION_TOO_FEW_PATIENTS', { patients });
  const random = seededRandom(seed);
  const drawn = new Uint32Array(patients);
  let columns: Float64Array[] | undefined;
  for (let r = 0; r < resamples; r++) {
    drawn.fill(0);
    for (let k = 0; k < patients; k++) drawn[random.integer(patients)]!++;
    const values = statistic(drawn);
    columns ??= values.map(() => new Float64Array(resamples));
    for (let column = 0; column < values.length; column++) columns[column]![r] = values[column]!;
  }
  return columns ?? [];
}

function countPatients(patientOf: ArrayLike<number>): number {
  let patients = 0;
  for (let i = 0; i < patientOf.length; i++) patients = Math.max(patients, patientOf[i]! + 1);
  return patients;
}

function countDefined(values: Float64Array): number {
  return values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
}

function percentileInterval(values: Float64Array): Interval | null {
  const usable = countDefined(values);
  if (usable < values.length / 2 || usable === 0) return null;
  const sorted = values.slice().sort(); // NaN comes last
  // Rounding of 0.975 · B must not move a whole-numbered rank up by one.
  return {
    lower: sorted[Math.floor(0.025 * usable + 1e-9)]!,
    upper: sorted[Math.ceil(0.975 * usable - 1e-9) - 1]!,
  };
}
