export { measureCalibration } from './calibration';
export { measureDiscrimination } from './discrimination';
export { measureStrata } from './strata';
