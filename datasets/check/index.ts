export { type CheckOptions, checkDataset } from './check-dataset';
export type { CheckReport, CheckedScan, SubsetCounts } from './check-report';
export { type Finding, type FindingCode, type Severity, findingCodes } from './finding';
export { renderCheckPage } from './render-page';
