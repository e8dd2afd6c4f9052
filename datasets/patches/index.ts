export { PATCH_CONTRACT, PATCH_SIZE, PATCH_VOXELS, extractPatch } from './extract-patch';
export { type LoadPatchesOptions, type PatchSet, loadPatches } from './load-patches';
