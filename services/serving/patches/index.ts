export { type CroppedCandidates, cropCandidates, type PatchSource } from './crop';
export { classifyJsonSchema, mostCandidates } from './schemas';
