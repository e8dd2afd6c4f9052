import { loadConfig } from '../ci';
import { openLuna16, splitByPatient } from '../datasets';
import { freezeSuite } from '../services/validation';
import { say } from './terminal';

/** Draws the holdout by the config's seed and pins it in a suite file. */
export async function pinHoldout(
  templatePath: string,
  suitePath: string,
  overrides: string[],
  fraction: number,
): Promise<void> {
  const config = loadConfig(overrides);
  const { manifest } = await openLuna16(config.dataset.dir);
  const { test } = splitByPatient(manifest, { seed: config.seed, fractions: { validation: 0, test: fraction } });
  const { suiteDigest, holdoutDigest } = await freezeSuite({ templatePath, manifest, patients: test, suitePath });
  say(`suite    ${suiteDigest}\nholdout  ${holdoutDigest} (${test.length} patients)`);
}
