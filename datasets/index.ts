export { parseMetaImage, readMetaImage, writeMetaImage } from './metaimage';
export { PATCH_CONTRACT, PATCH_SIZE, PATCH_VOXELS, extractPatch } from './patches';
export { IDENTITY_DIRECTION, type Geometry, type Irc, type Volume, type Xyz, ircToXyz, xyzToIrc } from './volume';
