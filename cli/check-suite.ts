import { loadConfig } from '../ci';
import { candidatesOf, openDataset } from '../datasets';
import {
  assertHoldoutIntact,
  assertPolicyFits,
  assertStrataFilled,
  policyDigest,
  readPolicy,
  readSuite,
  rulesOf,
  suiteDigest,
} from '../services/validation';
import { say } from './terminal';

/** Everything that a validation would refuse of suite, policy and holdout, found in seconds and without a model. */
export async function checkSuite(overrides: string[]): Promise<void> {
  const config = loadConfig(overrides);
  const [suite, policy] = [await readSuite(config.suite.file), await readPolicy(config.gate.file)];
  assertPolicyFits(suite, policy);
  say(`suite    ${suiteDigest(suite)}  ${config.suite.file}`);
  say(`policy   ${policyDigest(policy)}  ${config.gate.file}`);
  say(`rules    ${rulesOf(suite, policy).length}, each on a figure that the suite measures`);
  const { manifest } = await openDataset(config.dataset);
  assertHoldoutIntact(suite, manifest);
  assertStrataFilled(suite, manifest);
  const candidates = candidatesOf(manifest, suite.holdout.patients);
  const positives = candidates.filter(({ label }) => label === 1).length;
  const classes = `${positives} ${manifest.labels[1]}, ${candidates.length - positives} ${manifest.labels[0]}`;
  say(`holdout  as it was frozen: ${suite.holdout.patients.length} patients, ${classes}`);
}
