import * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from '../models/network';
import type { Optimizer } from './optimizer';
import { createSlots } from './slots';

export interface AdamWOptions {
  /** Decay rates of the running averages of the gradient and of its square. */
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
}

/**
 * AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, algorithm 2), in the form and with
 * the rounding points of `torch.optim.AdamW`: every parameter is decayed by `lr · weightDecay`, biases too.
 */
export function createAdamW(parameters: readonly Parameter[], options: AdamWOptions): Optimizer {
  const [beta1, beta2] = options.betas;
  const firstMoments = createSlots('m', parameters);
  const secondMoments = createSlots('v', parameters);
  let step = 0;

  return {
    step(gradients, learningRate) {
      step++;
      tf.tidy(() => {
        // Scalars go in as tensors: a new learning rate must not become a new graph on an engine that compiles.
        const keep = tf.scalar(1 - learningRate * options.weightDecay);
        const stepSize = tf.scalar(learningRate / (1 - beta1 ** step));
        const correction = tf.scalar(Math.sqrt(1 - beta2 ** step));
        const [b1, b2, c1, c2] = [beta1, beta2, 1 - beta1, 1 - beta2].map((value) => tf.scalar(value));
        const eps = tf.scalar(options.eps);
        for (const parameter of parameters) {
          const gradient = gradients[parameter.name]!;
          const m = firstMoments.get(parameter);
          const v = secondMoments.get(parameter);
          m.assign(tf.add(tf.mul(m, b1!), tf.mul(gradient, c1!)));
          v.assign(tf.add(tf.mul(v, b2!), tf.mul(tf.square(gradient), c2!)));
          const denominator = tf.add(tf.div(tf.sqrt(v), correction), eps);
          const decayed = tf.mul(parameter.variable, keep);
          parameter.variable.assign(tf.sub(decayed, tf.mul(stepSize, tf.div(m, denominator))));
        }
      });
    },
    state: async () => ({ step, slots: { ...(await firstMoments.arrays()), ...(await secondMoments.arrays()) } }),
    restore(state) {
      step = state.step;
      firstMoments.restore(state.slots);
      secondMoments.restore(state.slots);
    },
    dispose() {
      firstMoments.dispose();
      secondMoments.dispose();
    },
  };
}
