export { parseTrainingConfig, trainingConfigSchema, type TrainingConfig } from './config';
export { lunaWeightsFromPytorch } from './weights';
