export { challengeOfEvidence } from './challenge-of-evidence';
export { evaluateChallenge, type ChallengeEvaluation, type ChallengeOptions } from './evaluate-challenge';
export { scansOfHoldout, type HoldoutScan } from './scans-of-holdout';
export { writeEvaluation } from './write-evaluation';
