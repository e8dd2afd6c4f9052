import type { TrainingConfig } from '../config';
import { createOptimizer } from '../optimizers';
import { createLunaModel } from './luna-model';
import type { Model } from './model';
import { NoduleClassificationModel } from './nodule-classification-model';

export { createLunaModel, type LunaModelOptions } from './luna-model';
export { emptyTally, type EpochMetrics, type Tally } from './metrics';
export type { Batch, EpochRun, Model } from './model';
export type { NamedArray, NamedArrays, Network } from './network';
export { NoduleClassificationModel } from './nodule-classification-model';

/** The network, its optimizer and the task around them, with the initial weights that the seed gives. */
export function createModel(config: TrainingConfig, patchSize: readonly [number, number, number]): Model {
  const network = createLunaModel({ ...config.model, patchSize, seed: config.seed });
  return new NoduleClassificationModel(network, createOptimizer(config.optimizer, network.parameters), patchSize);
}
