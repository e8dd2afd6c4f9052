export { type AugmentationConfig, augmentPatch } from './augmentation';
export {
  type CheckOptions,
  type CheckReport,
  type Finding,
  type FindingCode,
  checkDataset,
  findingCodes,
  renderCheckPage,
} from './check';
export { type Batch, type DataModule, type DataModuleOptions, type EpochOptions, openDataModule } from './data-module';
export {
  type DownloadOptions,
  type DownloadPlan,
  EXTRAS,
  type Extra,
  downloadError,
  downloadLuna16,
  parseSubsets,
  readableBytes,
} from './download';
export { encodeGreyPng, encodeRgbPng, type Slice, thumbnailPng } from './look';
export { number, readRows, text } from './csv';
export { type DatasetConfig, datasetConfigSchema, makeDataset, openDataset, openDatasetFolder } from './catalog';
export {
  type Challenge,
  type ChallengeFiles,
  type ChallengeScan,
  openLuna16,
  readChallenge,
  writeChallenge,
} from './luna16';
export { openNiftiCsv } from './nifti-csv';
export {
  type Annotation,
  type Candidate,
  type Dataset,
  type DatasetManifest,
  type ExcludedFinding,
  type SeriesAttributes,
  type SeriesEntry,
  type Texture,
  annotationsOf,
  candidatesOf,
  excludedFindingsOf,
  holdoutDigest,
  patientKey,
  patientRefs,
} from './manifest';
export {
  type DicomSeries,
  findDicomSeries,
  niftiHeader,
  type OpenMetaImage,
  openMetaImage,
  parseMetaImage,
  readMetaImage,
  readVolume,
  scanDicom,
  writeMetaImage,
  writeVolume,
} from './formats';
export { type PatchCache, type PatchCacheOptions, openPatchCache } from './patch-cache';
export {
  LUNA_PATCH,
  type LoadPatchesOptions,
  type PatchContract,
  type PatchSet,
  cutPatch,
  extractPatch,
  loadPatches,
  voxelsOf,
} from './patches';
export type { Difficulty, SamplerConfig } from './sampling';
export { type PhantomOptions, generatePhantom } from './phantom';
export {
  type ReadSplitOptions,
  type Split,
  type SplitOptions,
  type Strata,
  assertDisjoint,
  foldsByPatient,
  partsOfFold,
  readSplit,
  readStrata,
  splitByPatient,
  splitBySubset,
  splitError,
  writeSplit,
  writeSplitFolder,
} from './split';
export { IDENTITY_DIRECTION, type Geometry, type Irc, type Volume, type Xyz, ircToXyz, xyzToIrc } from './volume';
