export { type NumberType, decodeNumbers, decodeVoxels, numberTypes } from './number-types';
