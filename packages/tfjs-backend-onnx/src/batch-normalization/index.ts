export { BatchNormalization } from './batch-normalization';
