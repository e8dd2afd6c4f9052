import { join } from 'node:path';
import { readEvidence } from 'model-bundle';
import { number, readRows, text, type ChallengeScan, type Dataset, type Xyz } from '../../../datasets';
import { validationError } from '../errors';
import { suiteDigest, type Suite } from '../suite';
import { scansOfHoldout } from './scans-of-holdout';

/**
 * The holdout of a validation with the model's scores, as the challenge has it: what `writeChallenge` writes. The names of
 * series stand in no evidence; they come from the dataset and the suite, which must be those of the evidence.
 *
 * @throws VALIDATION_OTHER_EVIDENCE, VALIDATION_NOTHING_TO_DETECT, the EVIDENCE_… errors of model-bundle
 */
export async function challengeOfEvidence(dir: string, { manifest }: Dataset, suite: Suite): Promise<ChallengeScan[]> {
  const evidence = await readEvidence(dir);
  const refuseOther = (what: string, expected: string, found: string) => {
    if (found !== expected) throw validationError('VALIDATION_OTHER_EVIDENCE', { what, expected, found });
  };
  refuseOther('dataset', evidence.datasetDigest, manifest.digest);
  refuseOther('suite', evidence.suiteDigest, suiteDigest(suite));
  const uidOf = new Map(manifest.series.map(({ seriesUid, digest }) => [digest, seriesUid]));
  const rows = await readRows(join(dir, 'scores.csv'), {
    series: text,
    x_mm: number,
    y_mm: number,
    z_mm: number,
    probability: number,
  });
  const marks = rows.map(({ series, x_mm, y_mm, z_mm, probability }) => {
    const xyz: Xyz = [x_mm, y_mm, z_mm];
    return { seriesUid: uidOf.get(series)!, xyz, probability };
  });
  const scans = scansOfHoldout(manifest, suite.holdout.patients, marks);
  if (!scans) throw validationError('VALIDATION_NOTHING_TO_DETECT', { labels: manifest.labels.join(' from ') });
  return scans;
}
