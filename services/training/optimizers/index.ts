import type { TrainingConfig } from '../config';
import type { Parameter } from '../models/network';
import { createAdamW } from './adamw';
import type { Optimizer } from './optimizer';
import { createSgd } from './sgd';

export type { Optimizer, OptimizerState } from './optimizer';
export { learningRateAt } from './schedule';

export function createOptimizer(config: TrainingConfig['optimizer'], parameters: readonly Parameter[]): Optimizer {
  switch (config.name) {
    case 'adamw':
      return createAdamW(parameters, { betas: config.betas, eps: config.eps, weightDecay: config.weight_decay });
    case 'sgd':
      return createSgd(parameters, { momentum: config.momentum, weightDecay: config.weight_decay });
  }
}
