export { findEmptyStrata, type LeftOutStratum } from './find-empty-strata';
export { strataSchema } from './schema';
export { type Level, stratify, type Stratification } from './stratify';
