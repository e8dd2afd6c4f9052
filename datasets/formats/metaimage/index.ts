export { digestMetaImage } from './digest';
export { MAX_VOXELS } from './header';
export { parseMetaImage } from './parse';
export { type LocatedImage, locateMetaImage, readMetaImage } from './read';
export { writeMetaImage } from './write';
