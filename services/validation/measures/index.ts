export { measureBudget } from './budget';
export { measureCalibration } from './calibration';
export { measureDeterminism } from './determinism';
export { measureDecision } from './decision';
export { measureDiscrimination } from './discrimination';
export { scoredCasesOf, type ScoredCases } from './scored-cases';
export { marksOfStudy, measureFroc, type DetectionStudy } from './froc';
export { measureProbes } from './probes';
export { measureStrata } from './strata';
