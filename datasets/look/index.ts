export { encodeGreyPng, encodeRgbPng } from './grey-png';
export { LUNG_WINDOW, type Slice, thumbnailPng } from './thumbnail';
