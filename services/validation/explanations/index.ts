export { LUNG_HU, occlude, occlusionGrid, type OcclusionGrid, type Saliency } from './occlusion';
export { saliencyPicture } from './saliency-picture';
export { sampleOutcomes } from './sample-outcomes';
