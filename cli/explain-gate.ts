import { loadConfig } from '../ci';
import { assertPolicyFits, explainPlan, readPolicy, readSuite } from '../services/validation';
import { say } from './terminal';

/** Prints suite and policy of the config as a change control plan. */
export async function explainGate(overrides: string[]): Promise<void> {
  const config = loadConfig(overrides);
  const [suite, policy] = [await readSuite(config.suite.file), await readPolicy(config.gate.file)];
  assertPolicyFits(suite, policy);
  for (const line of explainPlan(suite, policy)) say(line);
}
