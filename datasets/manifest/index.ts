export { buildManifest } from './build-manifest';
export type {
  Annotation,
  Candidate,
  Dataset,
  DatasetManifest,
  ExcludedFinding,
  SeriesAttributes,
  SeriesEntry,
  Texture,
} from './manifest';
export {
  annotationsOf,
  candidatesOf,
  compareText,
  digestCandidates,
  excludedFindingsOf,
  holdoutDigest,
  patientKey,
  patientRefs,
} from './patients';
export { readSeriesAttributes } from './series-attributes';
