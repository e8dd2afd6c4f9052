export { type AugmentationConfig, augmentPatch } from './augment-patch';
