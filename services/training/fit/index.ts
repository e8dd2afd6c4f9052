export { fit, type FitCallback, type FitOptions, type FitResult, type TrainingData } from './fit';
