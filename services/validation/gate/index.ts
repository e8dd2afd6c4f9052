export { assertNoLeak } from './leak';
export { judge, type RuleResult } from './rules';
