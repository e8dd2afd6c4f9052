export { looksLikeNifti } from './fields';
export { readNifti } from './read';
export { writeNifti } from './write';
