export { type CroppedCandidates, cropCandidates, type PatchSource } from './crop';
export { candidatesSchema, classifyJsonSchema, MAX_CANDIDATES } from './schemas';
