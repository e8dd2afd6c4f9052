import * as tf from '@tensorflow/tfjs-core';
import type { NumberArray, Task } from './ask-pytorch';
import { lossOf, toTensor } from './differentiate';
import { applyLayers } from './network';

export interface Trained {
  /** One a step. */
  losses: Float32Array;
  /** After the last step. */
  parameters: Map<string, Float32Array>;
}

/** A task with training, done by TF.js on the current backend: the losses, and the parameters at the end. */
export async function train({ layers, parameters, x, target, training }: Task): Promise<Trained> {
  const { optimizer: options, steps, batchSize } = training!;
  const variables = Object.entries(parameters).map(
    ([name, array]) => [name, tf.tidy(() => tf.variable(toTensor(array)))] as const,
  );
  const optimizer = createOptimizer(options);
  const losses = new Float32Array(steps);
  for (let step = 0; step < steps; step++) {
    const batch = { x: batchOf(x, step, batchSize), target: batchOf(target, step, batchSize) };
    const loss = optimizer.minimize(
      () => lossOf(applyLayers(layers, toTensor(batch.x), Object.fromEntries(variables)), batch.target),
      true,
      variables.map(([, variable]) => variable),
    )!;
    losses[step] = (await loss.data())[0]!;
    loss.dispose();
  }
  const trained = new Map<string, Float32Array>();
  for (const [name, variable] of variables) {
    trained.set(name, (await variable.data()) as Float32Array);
    variable.dispose();
  }
  optimizer.dispose();
  return { losses, parameters: trained };
}

function createOptimizer(options: NonNullable<Task['training']>['optimizer']): tf.Optimizer {
  if (options.kind === 'sgd') return tf.train.momentum(options.lr, options.momentum);
  if (options.kind === 'adam') return tf.train.adam(options.lr, 0.9, 0.999, options.eps);
  throw new Error(`TF.js has no ${options.kind}`);
}

/** The batch of a step: batches follow each other in the array, and begin anew after the last. */
export function batchOf({ shape, values }: NumberArray, step: number, batchSize: number): NumberArray {
  const [count, ...rest] = shape;
  const size = values.length / count!;
  const start = (step * batchSize) % count!;
  return { shape: [batchSize, ...rest], values: values.slice(start * size, (start + batchSize) * size) };
}
