export { digestMetaImage } from './digest';
export { decodeElements } from './element-types';
export { MAX_VOXELS } from './header';
export { parseMetaImage } from './parse';
export { type LocatedImage, locateMetaImage, readMetaImage } from './read';
export { writeMetaImage } from './write';
