export { checkEvidence, type CheckedEvidence } from './check-evidence';
