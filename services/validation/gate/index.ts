export { assertPolicyFits } from './assert-policy-fits';
export { explainPlan } from './change-control-plan';
export { assertNoLeak } from './leak';
export { assertPolicyOfSuite, policyBeside, policyDigest, readPolicy, writePolicyFor, type Policy } from './policy';
export { judge, rulesOf, type RuleResult } from './rules';
