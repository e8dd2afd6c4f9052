export { measureCalibration } from './calibration';
export { measureDeterminism } from './determinism';
export { measureDiscrimination } from './discrimination';
export { measureStrata } from './strata';
