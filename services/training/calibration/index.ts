export { calibrateBundle, type CalibrateOptions, type CalibrateResult } from './calibrate-bundle';
export { calibrateModel, type ModelCalibration } from './calibrate-model';
