import { isCodedError } from 'coded-error';
import { readBundle, type Bundle } from 'model-bundle';
import type { DatasetManifest } from '../../../../datasets';
import { validationError } from '../../errors';
import { assertNoLeak } from '../../gate';
import type { Suite } from '../../suite';

/** The model that serves now, as whoever runs the validation found it. */
export interface Champion {
  /** `nodule-classifier@1.2.0`. */
  version: string;
  bundleDir: string;
  /** From its own evidence: it is compared as it serves, and not with a threshold that it never had. */
  threshold: number;
}

/** Read and checked; null where there is none yet, or the suite does not ask for it. */
export type OpenChampion = { version: string; bundle: Bundle; threshold: number } | null | 'left out';

/**
 * Reads the champion and makes sure that it can stand beside the challenger. It must not have seen the holdout: its
 * figures would be too good, and no honest challenger could hold its ground. Its patches may be others, for it brings its own
 * preprocessing contract.
 *
 * @throws VALIDATION_CHAMPION_SAW_HOLDOUT, VALIDATION_CHAMPION_OTHER_LABELS, the BUNDLE_… errors
 */
export async function openChampion(
  champion: Champion | null | 'left out',
  suite: Suite,
  manifest: DatasetManifest,
): Promise<OpenChampion> {
  if (!suite.champion || champion === null) return null;
  if (champion === 'left out') return champion;
  const { version, bundleDir, threshold } = champion;
  const bundle = await readBundle(bundleDir);
  const { labels, positiveLabel } = bundle.signature;
  if (labels.join('\n') !== manifest.labels.join('\n') || positiveLabel !== manifest.labels[1]) {
    throw validationError('VALIDATION_CHAMPION_OTHER_LABELS', {
      version,
      found: labels.join(', '),
      expected: manifest.labels.join(', '),
    });
  }
  try {
    assertNoLeak(bundle.lineage.split, suite.holdout.patients, manifest);
  } catch (error) {
    if (!isCodedError(error) || error.code !== 'VALIDATION_LEAK') throw error;
    throw validationError('VALIDATION_CHAMPION_SAW_HOLDOUT', { version, ...error.details }, error);
  }
  return { version, bundle, threshold };
}
