import type { PatientRef } from 'model-bundle';
import { patientRefs, type DatasetManifest } from '../../../datasets';
import { validationError } from '../errors';

/**
 * No patient that the model was trained or tuned on may stand in the holdout: neither by patient, nor by the
 * content of a series, which finds a copy under another name. The refusal names the digests of the series.
 *
 * @throws VALIDATION_LEAK
 */
export function assertNoLeak(
  seen: { train: readonly PatientRef[]; validation: readonly PatientRef[] },
  holdoutPatients: readonly string[],
  manifest: DatasetManifest,
): void {
  const holdout = patientRefs(manifest, holdoutPatients);
  for (const part of ['train', 'validation'] as const) {
    const leaked = sharedSeries(holdout, seen[part]);
    if (leaked.length > 0) {
      throw validationError('VALIDATION_LEAK', { part: PART_WORDS[part], series: leaked.join(', ') });
    }
  }
}

const PART_WORDS = { train: 'training', validation: 'validation during training' };

/** Digests of the holdout's series that the model saw, or whose patient it saw. */
function sharedSeries(holdout: readonly PatientRef[], seen: readonly PatientRef[]): string[] {
  const patients = new Set(seen.map(({ patient }) => patient));
  const series = new Set(seen.flatMap((ref) => ref.series));
  return holdout.flatMap((ref) => (patients.has(ref.patient) ? ref.series : ref.series.filter((s) => series.has(s))));
}
