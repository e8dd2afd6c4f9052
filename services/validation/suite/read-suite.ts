import { digestJson } from 'durable-files';
import { parseYaml, readYamlFile } from '../yaml-file';
import { suiteSchema, type Suite } from './schema';

/**
 * Reads a suite file.
 *
 * @throws VALIDATION_SUITE_MISSING, VALIDATION_SUITE_INVALID (names every wrong field)
 */
export async function readSuite(path: string): Promise<Suite> {
  return parseYaml(suiteSchema, (await readYamlFile(path, 'SUITE')).toJS(), path, 'SUITE');
}

/** What the suite asks for, as one digest: comments and the order of keys do not change it. */
export function suiteDigest(suite: Suite): string {
  return digestJson(suite);
}
