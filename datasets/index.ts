export { openLuna16 } from './luna16';
export {
  type Candidate,
  type Dataset,
  type DatasetManifest,
  type SeriesEntry,
  candidatesOf,
  holdoutDigest,
  patientKey,
  patientRefs,
} from './manifest';
export { parseMetaImage, readMetaImage, writeMetaImage } from './metaimage';
export { PATCH_CONTRACT, PATCH_SIZE, PATCH_VOXELS, extractPatch } from './patches';
export { type Split, type SplitOptions, assertDisjoint, splitByPatient } from './split';
export { IDENTITY_DIRECTION, type Geometry, type Irc, type Volume, type Xyz, ircToXyz, xyzToIrc } from './volume';
