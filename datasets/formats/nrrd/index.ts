export { looksLikeNrrd } from './fields';
export { readNrrd } from './read';
export { writeNrrd } from './write';
