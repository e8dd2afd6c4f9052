export { type DataFault, type RaiseFault, faultRows } from './faults';
export { expandPattern } from './file-names';
export { type FileRange, besideHeader, fileLength, readHead, withFile } from './files';
export { type NumberType, decodeNumbers, decodeVoxels, encodeVoxels, numberTypes } from './number-types';
export { type StoredVoxels, readStoredVoxels, refuseImpossible, unpackHead, unpackSync } from './unpack';
