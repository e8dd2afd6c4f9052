export { PATCH_CONTRACT, PATCH_SIZE, PATCH_VOXELS, extractPatch } from './extract-patch';
