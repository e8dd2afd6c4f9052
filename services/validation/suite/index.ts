export { COMPARED_METRICS, type ChampionSettings, type ComparedMetric } from './champion-settings';
export { freezeSuite } from './freeze-suite';
export { assertHoldoutIntact, assertStrataFilled } from './holdout';
export { countUses, type HoldoutEntry, type HoldoutUse, readHoldoutUses, recordHoldoutUse } from './holdout-ledger';
export { readSuite, suiteDigest } from './read-suite';
export { publishedSuiteSchema, publishSuite, type PublishedSuite } from './published-suite';
export { ruleSchema, type Rule, type Suite } from './schema';
