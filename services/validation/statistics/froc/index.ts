export { CPM_RATES, cpm, frocCurve, sensitivitiesAt, type FrocPoint } from './froc-curve';
export {
  makeFrocMarks,
  rankJudged,
  unitScanWeights,
  type FrocMarks,
  type MarkCounts,
  type ScanWeights,
} from './froc-marks';
export { isMarked, judgeMarks, MARKS_PER_SCAN, type Finding, type JudgedScan, type MarkedScan } from './judge-marks';
export {
  drawScans,
  scanBootstrap,
  summarizeResamples,
  type FrocBootstrap,
  type ResampledEstimate,
} from './scan-bootstrap';
