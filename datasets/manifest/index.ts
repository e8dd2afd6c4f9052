export { buildManifest } from './build-manifest';
export type {
  Annotation,
  Candidate,
  Dataset,
  DatasetManifest,
  SeriesAttributes,
  SeriesEntry,
  Texture,
} from './manifest';
export {
  annotationsOf,
  candidatesOf,
  compareText,
  digestCandidates,
  holdoutDigest,
  patientKey,
  patientRefs,
} from './patients';
export { readSeriesAttributes } from './series-attributes';
