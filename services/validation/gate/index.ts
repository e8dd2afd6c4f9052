export { assertNoLeak } from './leak';
export { judge, type Figure, type RuleResult } from './rules';
