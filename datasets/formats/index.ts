export { parseMetaImage, readMetaImage, writeMetaImage } from './metaimage';
