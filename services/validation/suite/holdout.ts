import { candidatesOf, holdoutDigest, type DatasetManifest } from '../../../datasets';
import { validationError } from '../errors';
import { stratify } from '../strata';
import type { Suite } from './schema';

/**
 * The holdout in this dataset must be, byte for byte, the one that the suite was frozen on.
 *
 * @throws VALIDATION_HOLDOUT_UNKNOWN_PATIENT, VALIDATION_HOLDOUT_MISMATCH
 */
export function assertHoldoutIntact({ holdout }: Suite, manifest: DatasetManifest): void {
  assertPatientsKnown(holdout.patients, manifest);
  const found = holdoutDigest(manifest, holdout.patients);
  if (found !== holdout.digest) {
    throw validationError('VALIDATION_HOLDOUT_MISMATCH', { dataset: manifest.name, found, expected: holdout.digest });
  }
}

/**
 * Every level that the suite looks at apart must have a case, before anything is scored.
 *
 * @throws the VALIDATION_STRATUM_… errors
 */
export function assertStrataFilled({ strata, holdout }: Suite, manifest: DatasetManifest): void {
  if (strata) stratify(strata, manifest, candidatesOf(manifest, holdout.patients));
}

/** @throws VALIDATION_HOLDOUT_UNKNOWN_PATIENT, which counts the patients and does not name them */
export function assertPatientsKnown(patients: readonly string[], manifest: DatasetManifest): void {
  const known = new Set(manifest.series.map(({ patientId }) => patientId));
  const missing = patients.filter((patient) => !known.has(patient)).length;
  if (missing > 0) {
    const details = { dataset: manifest.name, missing, patients: patients.length };
    throw validationError('VALIDATION_HOLDOUT_UNKNOWN_PATIENT', details);
  }
}
