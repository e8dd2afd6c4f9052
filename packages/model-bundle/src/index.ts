export type { Lineage, PatientRef, PreprocessingContract, Signature, TensorSpec } from './contract';
export { lineageSchema, modelNameSchema, signatureSchema } from './schema';
export { type Bundle, type BundleContent, type BundleFile, readBundle, readGoldenCases, writeBundle } from './bundle';
export { decodePatch, encodePatch, type GoldenCase } from './golden';
export {
  type Evidence,
  evidenceSchema,
  type GateRule,
  isSignedBy,
  readEvidence,
  ruleHolds,
  type SignedEvidence,
  writeEvidence,
} from './evidence';
export { ensureGateKey, type GateKey, readGatePublicKey } from './gate-key';
