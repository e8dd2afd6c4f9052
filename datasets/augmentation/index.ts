export { type Augmenter, augmentPatch, createAugmenter } from './augmenter';
export type { AugmentationConfig } from './config';
