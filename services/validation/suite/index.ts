export { freezeSuite } from './freeze-suite';
export { assertHoldoutIntact, assertStrataFilled } from './holdout';
export { readSuite, suiteDigest } from './read-suite';
export { ruleSchema, type Rule, type Suite } from './schema';
