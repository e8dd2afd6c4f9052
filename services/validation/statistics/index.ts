export { aucWithInterval } from './auc-interval';
export { brierParts, brierScore, summedBrier, type BrierParts } from './brier';
export { countAbove, emptyCounts, makeCases, unitWeights, type Cases, type CountsAbove, type Weights } from './cases';
export {
  balancedAccuracy,
  confusionAt,
  f1Score,
  matthewsCorrelation,
  summedConfusion,
  type Confusion,
} from './confusion';
export { netBenefit, netBenefitOfTreatingAll, summedNetBenefit } from './decision-curve';
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
export {
  classBrierScore,
  classConfusion,
  classPairs,
  handTillAuc,
  logLoss,
  makeClassCases,
  oneVersusRest,
  oneVersusRestAucs,
  quadraticKappa,
  type ClassCases,
  type ClassPair,
} from './multiclass';
export {
  patientBootstrap,
  patientBootstrapOfSums,
  patientBootstrapWhereDefined,
  type BootstrapOptions,
} from './patient-bootstrap';
export {
  averagePrecision,
  averagePrecisionOf,
  precisionRecallCurve,
  precisionsAt,
  type PrecisionRecallPoint,
} from './precision-recall';
export { wilsonInterval, type Interval } from './proportion';
export { calibrationIntercept, calibrationSlope, type Recalibration } from './recalibration';
export {
  equalMassBins,
  equalMassCalibrationError,
  expectedCalibrationError,
  reliabilityBins,
  summedCalibrationError,
  type ReliabilityBin,
} from './reliability';
export {
  auc,
  aucOf,
  partialAuc,
  partialAucOf,
  rocCorners,
  rocCurve,
  sensitivityAtSpecificity,
  truePositiveRatesAt,
  truePositiveRatesOf,
  type RocPoint,
  type SensitivityAtSpecificity,
} from './roc';
export {
  cpm,
  CPM_RATES,
  drawScans,
  frocCurve,
  isMarked,
  judgeMarks,
  makeFrocMarks,
  rankJudged,
  scanBootstrap,
  sensitivitiesAt,
  summarizeResamples,
  unitScanWeights,
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
export { together, type SummedStatistic } from './summed';
