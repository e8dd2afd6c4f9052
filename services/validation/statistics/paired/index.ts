export { holmAdjusted } from './holm';
export { mcnemarP } from './mcnemar';
export { compareToMargin, type ComparisonVerdict } from './non-inferiority';
export { type BootstrapDifference, pairedBootstrap } from './paired-bootstrap';
export { type PairedDelong, assertPaired, pairedDelong } from './paired-delong';
