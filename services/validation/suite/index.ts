export { freezeSuite } from './freeze-suite';
export { assertHoldoutIntact } from './holdout';
export { readSuite, suiteDigest } from './read-suite';
export type { RuleBound, Suite, SuiteRule } from './schema';
