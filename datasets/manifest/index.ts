export { buildManifest } from './build-manifest';
export type { Annotation, Candidate, Dataset, DatasetManifest, SeriesEntry } from './manifest';
export {
  annotationsOf,
  candidatesOf,
  compareText,
  digestCandidates,
  holdoutDigest,
  patientKey,
  patientRefs,
} from './patients';
