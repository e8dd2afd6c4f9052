export { describeMetaImage, digestMetaImage } from './digest';
export { type ElementType, decodeElements } from './element-types';
export { MAX_VOXELS, looksLikeMetaImage } from './header';
export { type OpenMetaImage, openMetaImage } from './open-image';
export { parseMetaImage } from './parse';
export { type LocatedImage, locateMetaImage, readMetaImage } from './read';
export { writeMetaImage } from './write';
