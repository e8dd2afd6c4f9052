export { LossScalingOptimizer, lossScaler, mixedPrecision } from './loss-scaling';
export type { LossScaler, LossScalingOptions } from './loss-scaling';
