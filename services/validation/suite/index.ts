export { freezeSuite } from './freeze-suite';
export { assertHoldoutIntact, assertStrataFilled } from './holdout';
export { readSuite, suiteDigest } from './read-suite';
export { publishedSuiteSchema, publishSuite, type PublishedSuite } from './published-suite';
export { ruleSchema, type Rule, type Suite } from './schema';
