export { DEFAULT_MEMORY_MB, type PatchCache, type PatchCacheOptions, openPatchCache } from './patch-cache';
export { type PatchLayout, type PatchReader, openPatchReader } from './patch-reader';
