import * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from '../models/network';
import type { Optimizer } from './optimizer';
import { createSlots } from './slots';

export interface SgdOptions {
  /** 0 for plain gradient descent. */
  momentum: number;
  weightDecay: number;
}

/** Stochastic gradient descent with momentum, in the form of `torch.optim.SGD`: v ← µ·v + g, p ← p − lr·v. */
export function createSgd(parameters: readonly Parameter[], options: SgdOptions): Optimizer {
  const velocities = createSlots('velocity', parameters);
  let step = 0;

  return {
    step(gradients, learningRate) {
      step++;
      tf.tidy(() => {
        const rate = tf.scalar(learningRate);
        const momentum = tf.scalar(options.momentum);
        const decay = tf.scalar(options.weightDecay);
        for (const parameter of parameters) {
          const velocity = velocities.get(parameter);
          const gradient = tf.add(gradients[parameter.name]!, tf.mul(parameter.variable, decay));
          velocity.assign(tf.add(tf.mul(velocity, momentum), gradient));
          parameter.variable.assign(tf.sub(parameter.variable, tf.mul(rate, velocity)));
        }
      });
    },
    state: async () => ({ step, slots: await velocities.arrays() }),
    restore(state) {
      step = state.step;
      velocities.restore(state.slots);
    },
    dispose() {
      velocities.dispose();
    },
  };
}
