export { evaluateScores, explainEvaluation, type Evaluation, type EvaluationOptions } from './evaluate';
export {
  assertNoLeak,
  assertPolicyFits,
  explainPlan,
  policyBeside,
  policyDigest,
  readPolicy,
  rulesOf,
  writePolicyFor,
  type Policy,
} from './gate';
export type { Champion } from './measures';
export { countUses, readHoldoutUses, type HoldoutEntry } from './suite';
export { assertHoldoutIntact, assertStrataFilled, freezeSuite, readSuite, suiteDigest, type Suite } from './suite';
export { describePerformance } from './performance';
export { challengeOfEvidence, evaluateChallenge, writeEvaluation, type ChallengeEvaluation } from './challenge';
export { checkEvidence, type CheckedEvidence } from './evidence-check';
export { explainVerdict, refusalMarkdown, summaryMarkdown, reportSchema, type Report } from './report';
export { validate, type ValidationOptions, type ValidationResult } from './validate';
