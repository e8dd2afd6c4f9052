import type { PatientRef } from 'model-bundle';
import { patientKey, type DatasetManifest, type SeriesEntry } from '../../../datasets';
import { validationError } from '../errors';

/**
 * No patient that the model was trained or tuned on may stand in the holdout. Each scan of the holdout is looked for
 *
 * - by its patient, which finds another scan of the same;
 * - by its digest, which finds a copy of the file under another name;
 * - by the fingerprint of its values, which finds the same scan saved again: in another format or number type, at another
 *   place, flipped, or from an archive that calls the patient otherwise.
 *
 * A scan that was resampled or cropped, of a patient under another name, is not found. The refusal names the digests of the
 * series.
 *
 * @throws VALIDATION_LEAK
 */
export function assertNoLeak(
  seen: { train: readonly PatientRef[]; validation: readonly PatientRef[] },
  holdoutPatients: readonly string[],
  manifest: DatasetManifest,
): void {
  const patients = new Set(holdoutPatients);
  const holdout = manifest.series.filter(({ patientId }) => patients.has(patientId));
  for (const part of ['train', 'validation'] as const) {
    const leaked = holdout.filter(wasSeen(seen[part], manifest));
    if (leaked.length > 0) {
      const series = leaked.map(({ digest }) => digest).sort();
      throw validationError('VALIDATION_LEAK', { part: PART_WORDS[part], series: series.join(', ') });
    }
  }
}

const PART_WORDS = { train: 'training', validation: 'validation during training' };

function wasSeen(seen: readonly PatientRef[], manifest: DatasetManifest): (series: SeriesEntry) => boolean {
  const patients = new Set(seen.map(({ patient }) => patient));
  const digests = new Set(seen.flatMap(({ series }) => series));
  // Older bundles tell no fingerprints: those of series that this dataset has too are known all the same.
  const known = manifest.series.filter(({ digest }) => digests.has(digest));
  const fingerprints = new Set([
    ...seen.flatMap((ref) => ref.fingerprints ?? []),
    ...known.flatMap(({ fingerprint }) => fingerprint ?? []),
  ]);
  return ({ patientId, digest, fingerprint }) =>
    patients.has(patientKey(patientId)) ||
    digests.has(digest) ||
    (fingerprint !== undefined && fingerprints.has(fingerprint));
}
