export { looksLikeNifti } from './fields';
export { readNifti } from './read';
export { niftiHeader, writeNifti } from './write';
