export { parseTrainingConfig, trainingConfigSchema, type TrainingConfig } from './config';
export { train, type TrainOptions, type TrainResult } from './train';
export { lunaWeightsFromPytorch } from './weights';
