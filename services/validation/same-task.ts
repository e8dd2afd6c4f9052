import type { Bundle, PatientRef } from 'model-bundle';
import { patientRefs, type DatasetManifest, type Split } from '../../datasets';
import { validationError } from './errors';
import type { Suite } from './suite';

/**
 * The suite must be for this model, and the model must name its classes as the dataset does, in the same order.
 *
 * @throws VALIDATION_OTHER_MODEL, VALIDATION_OTHER_LABELS
 */
export function assertSameTask(suite: Suite, { signature }: Bundle, { labels }: DatasetManifest): void {
  const { name, labels: found, positiveLabel } = signature;
  if (name !== suite.model)
    throw validationError('VALIDATION_OTHER_MODEL', { name, suite: suite.name, model: suite.model });
  if (found.join('\n') !== labels.join('\n') || positiveLabel !== labels[1]) {
    throw validationError('VALIDATION_OTHER_LABELS', { found: found.join(', '), expected: labels.join(', ') });
  }
}

/**
 * The validation split must be the one that the model was tuned on, or a threshold could be fixed elsewhere.
 *
 * @throws VALIDATION_SPLIT_MISMATCH
 */
export function assertSplitOfTraining({ lineage }: Bundle, split: Split, manifest: DatasetManifest): void {
  const patients = (refs: PatientRef[]) =>
    refs
      .map(({ patient }) => patient)
      .sort()
      .join();
  const same = patients(patientRefs(manifest, split.validation)) === patients(lineage.split.validation);
  if (split.digest !== lineage.split.digest || !same) {
    throw validationError('VALIDATION_SPLIT_MISMATCH', { found: split.digest, expected: lineage.split.digest });
  }
}
