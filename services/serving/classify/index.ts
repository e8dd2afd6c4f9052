export { classify } from './classify';
export { classifyResponseSchema } from './schemas';
export { CLASSIFY_FILES, patchSourceOf } from './source';
