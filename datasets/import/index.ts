export { type ImportOptions, type ImportOutcome, importScans } from './import-scans';
export { type SeriesOutcome } from './import-series';
export { defaultKeyFile } from './deidentify';
