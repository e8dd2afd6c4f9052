import { loadConfig } from '../ci';
import { openDataset, splitByPatient } from '../datasets';
import { freezeSuite, policyBeside, writePolicyFor } from '../services/validation';
import { say } from './terminal';

/** Draws the holdout by the config's seed and pins it in a suite file, with the rules of the gate beside it. */
export async function pinHoldout(
  templatePath: string,
  suitePath: string,
  overrides: string[],
  fraction: number,
): Promise<void> {
  const config = loadConfig(overrides);
  const { manifest } = await openDataset(config.dataset);
  const { test } = splitByPatient(manifest, { seed: config.seed, fractions: { validation: 0, test: fraction } });
  const model = config.registered_model_name;
  const { suite, suiteDigest, holdoutDigest, leftOut } = await freezeSuite({
    templatePath,
    model,
    manifest,
    patients: test,
    suitePath,
  });
  const policyPath = policyBeside(suitePath);
  const written = await writePolicyFor(suite, { templatePath: policyBeside(templatePath), policyPath });
  say(`suite    ${suiteDigest}\nholdout  ${holdoutDigest} (${test.length} patients)`);
  for (const { dimension, why } of leftOut) say(`strata   ${dimension} is left out: ${why}`);
  say(`policy   ${policyPath} (${written ? 'copied: set its thresholds for your task' : 'as it was'})`);
}
