import type * as tf from '@tensorflow/tfjs-core';
import type { NamedArrays } from '../models/network';

/** Everything that an optimizer remembers between steps. */
export interface OptimizerState {
  /** Steps done so far. */
  step: number;
  /** Its running averages, named `<parameter>/<slot>`. */
  slots: NamedArrays;
}

/** Moves the parameters that it was made for, one step at a time, on the current TF.js engine. */
export interface Optimizer {
  /** One step along `gradients` (by parameter name) at this learning rate. The gradients stay the caller's. */
  step: (gradients: Readonly<Record<string, tf.Tensor>>, learningRate: number) => void;
  state: () => Promise<OptimizerState>;
  restore: (state: OptimizerState) => void;
  dispose: () => void;
}
