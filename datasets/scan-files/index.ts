export { type DescribedScan, type ScanFacts, type ScanFile, describeScans } from './describe-scans';
