export type { Lineage, PatientRef, PreprocessingContract, Signature, TensorSpec } from './contract';
export { lineageSchema, modelNameSchema, signatureSchema } from './schema';
export { type Bundle, type BundleContent, type BundleFile, readBundle, readGoldenCases, writeBundle } from './bundle';
export { decodePatch, encodePatch, type GoldenCase } from './golden';
export { type Evidence, evidenceSchema, readEvidence, type SignedEvidence, writeEvidence } from './evidence';
export {
  type AskedRule,
  type GateRule,
  isChampionMetric,
  judgeRule,
  type RuleBound,
  type RuledFigure,
  ruleHolds,
  type RuleOutcome,
  verdictOf,
} from './gate-rule';
export { contradictionsOf } from './evidence-report';
export { type Performance, readPerformance } from './performance';
export { isSignedBy } from './sign';
export { ensureGateKey, type GateKey, readGatePublicKey } from './gate-key';
