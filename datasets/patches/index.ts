export { LUNA_PATCH, type PatchContract, voxelsOf } from './contract';
export { cutPatch, extractPatch } from './extract-patch';
export { type LoadPatchesOptions, type PatchSet, loadPatches } from './load-patches';
