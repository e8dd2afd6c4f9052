export { type DownloadOptions, downloadLuna16 } from './download-luna16';
export { downloadError } from './errors';
export { readableBytes } from './free-space';
export { CITATION, EXTRAS, type Extra, LICENCE } from './luna16-source';
export { parseSubsets } from './parse-subsets';
export type { DownloadPlan, PlannedFile } from './plan-download';
export type { Patience } from './retry';
