export { freezeSuite } from './freeze-suite';
export { assertHoldoutIntact } from './holdout';
export { readSuite, suiteDigest } from './read-suite';
export { METRICS, type MetricName, type RuleBound, type Suite, type SuiteRule } from './schema';
