export { makeCases, type Cases, type Weights } from './cases';
export { brierScore, expectedCalibrationError, reliabilityBins, type ReliabilityBin } from './calibration';
export { delongAuc, type DelongAuc } from './delong';
export {
  type BootstrapDifference,
  type ComparisonVerdict,
  type PairedDelong,
  assertPaired,
  compareToMargin,
  holmAdjusted,
  mcnemarP,
  pairedBootstrap,
  pairedDelong,
} from './paired';
export { patientBootstrap, type BootstrapOptions } from './patient-bootstrap';
export { wilsonInterval, type Interval } from './proportion';
export {
  auc,
  rocCurve,
  sensitivityAtSpecificity,
  truePositiveRatesAt,
  type RocPoint,
  type SensitivityAtSpecificity,
} from './roc';
export {
  cpm,
  CPM_RATES,
  drawScans,
  frocCurve,
  judgeMarks,
  makeFrocMarks,
  rankJudged,
  scanBootstrap,
  sensitivitiesAt,
  summarizeResamples,
  type Finding,
  type FrocBootstrap,
  type FrocMarks,
  type FrocPoint,
  type JudgedScan,
  type MarkCounts,
  type MarkedScan,
  type ResampledEstimate,
  type ScanWeights,
} from './froc';
