export { calibrateBundle, type CalibrateOptions, type CalibrateResult } from './calibration';
export { parseTrainingConfig, patchContractOf, trainingConfigSchema, type TrainingConfig } from './config';
export type { DataSettings } from './patch-data';
export { train, type TrainOptions, type TrainResult } from './train';
export { lunaWeightsFromPytorch } from './weights';
