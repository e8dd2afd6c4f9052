import { seededRandom } from 'seeded-random';
import { validationError } from '../errors';
import type { Weights } from './cases';
import type { Interval } from './proportion';

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
  const patients = Array.from(patientOf).reduce((most, patient) => Math.max(most, patient + 1), 0);
  if (patients < 2) throw validationError('VALIDATION_TOO_FEW_PATIENTS', { patients });
  const random = seededRandom(seed);
  const drawn = new Uint32Array(patients);
  const weights = new Uint32Array(patientOf.length);
  const columns: number[][] = [];
  for (let r = 0; r < resamples; r++) {
    drawn.fill(0);
    for (let k = 0; k < patients; k++) drawn[random.integer(patients)]!++;
    for (let i = 0; i < weights.length; i++) weights[i] = drawn[patientOf[i]!]!;
    statistic(weights).forEach((value, column) => {
      columns[column] ??= [];
      if (!Number.isNaN(value)) columns[column].push(value);
    });
  }
  return columns.map((values) => percentileInterval(values, resamples));
}

function percentileInterval(values: number[], resamples: number): Interval {
  if (values.length < resamples / 2) {
    throw validationError('VALIDATION_BOOTSTRAP_UNDEFINED', { usable: values.length, resamples });
  }
  const sorted = Float64Array.from(values).sort();
  // Rounding of 0.975 · B must not move a whole-numbered rank up by one.
  return {
    lower: sorted[Math.floor(0.025 * sorted.length + 1e-9)]!,
    upper: sorted[Math.ceil(0.975 * sorted.length - 1e-9) - 1]!,
  };
}
