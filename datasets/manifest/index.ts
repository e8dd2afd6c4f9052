export type { Candidate, Dataset, DatasetManifest, SeriesEntry } from './manifest';
export { candidatesOf, compareText, digestCandidates, holdoutDigest, patientKey, patientRefs } from './patients';
