import { patchContractOf, type TrainingConfig } from '../config';
import { createOptimizer } from '../optimizers';
import { createLunaModel } from './luna-model';
import type { Model } from './model';
import { PatchClassificationModel } from './patch-classification-model';

export { createLunaModel, type LunaModelOptions } from './luna-model';
export { emptyTally, type EpochMetrics, type Tally } from './metrics';
export type { Batch, Batches, EpochRun, Model } from './model';
export type { NamedArray, NamedArrays, Network } from './network';
export { type ClassificationTask, PatchClassificationModel } from './patch-classification-model';

/**
 * The network, its optimizer and the task around them, with the initial weights that the seed gives. `labels` names the
 * classes that the dataset tells apart.
 */
export function createModel(config: TrainingConfig, labels: readonly [negative: string, positive: string]): Model {
  const contract = patchContractOf(config);
  const { patchSize, clip } = contract;
  const network = createLunaModel({ ...config.model, patchSize, clip, seed: config.seed });
  const task = { name: config.registered_model_name, labels, contract };
  return new PatchClassificationModel(network, createOptimizer(config.optimizer, network.parameters), task);
}
