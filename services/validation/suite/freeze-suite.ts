import { writeFileDurably } from 'durable-files';
import type { Document } from 'yaml';
import { candidatesOf, holdoutDigest, type DatasetManifest } from '../../../datasets';
import { findEmptyStrata, strataSchema, type LeftOutStratum } from '../strata';
import { parseYaml, readYamlFile } from '../yaml-file';
import { assertPatientsKnown } from './holdout';
import { suiteDigest } from './read-suite';
import { suiteSchema, type Suite } from './schema';

/**
 * Pins a holdout in a suite: copies the template (a suite with or without a `holdout`) to `suitePath` with the
 * patients and the digest of their series, candidates and annotations in it, and the name of the model that it is to
 * judge. Comments of the template stay; strata that this holdout cannot give are left out, and returned.
 *
 * @throws VALIDATION_SUITE_MISSING, VALIDATION_SUITE_INVALID, VALIDATION_HOLDOUT_UNKNOWN_PATIENT
 */
export async function freezeSuite(options: {
  templatePath: string;
  /** Registered name; the template's when left out. */
  model?: string;
  manifest: DatasetManifest;
  patients: readonly string[];
  suitePath: string;
}): Promise<{ suite: Suite; suiteDigest: string; holdoutDigest: string; leftOut: LeftOutStratum[] }> {
  const { templatePath, model, manifest, suitePath } = options;
  const patients = [...options.patients].sort();
  assertPatientsKnown(patients, manifest);
  const document = await readYamlFile(templatePath, 'SUITE');
  if (model !== undefined) {
    // A suite that was called as its model goes on being so.
    if (document.get('name') === document.get('model')) document.set('name', model);
    document.set('model', model);
  }
  const digest = holdoutDigest(manifest, patients);
  document.set('holdout', document.createNode({ dataset: manifest.name, digest, patients }));
  const leftOut = leaveOutEmptyStrata(document, manifest, patients);
  const suite = parseYaml(suiteSchema, document.toJS(), templatePath, 'SUITE');
  await writeFileDurably(suitePath, document.toString({ lineWidth: 120, flowCollectionPadding: false }));
  return { suite, suiteDigest: suiteDigest(suite), holdoutDigest: digest, leftOut };
}

function leaveOutEmptyStrata(document: Document, manifest: DatasetManifest, patients: readonly string[]) {
  const { data } = strataSchema.safeParse((document.toJS() as { strata?: unknown }).strata);
  if (!data) return [];
  const leftOut = findEmptyStrata(data, manifest, candidatesOf(manifest, patients));
  for (const { dimension } of leftOut) document.deleteIn(['strata', 'by', dimension]);
  if (leftOut.length === Object.keys(data.by).length) document.delete('strata');
  return leftOut;
}
