import * as tf from '@tensorflow/tfjs-core';
import type { NumberArray, Task } from './ask-pytorch';
import { applyLayers } from './network';

export const toTensor = ({ shape, values }: NumberArray): tf.Tensor => tf.tensor(values, [...shape]);

/** As in `Task`: cross-entropy for labels, the weighted sum for weights. */
export function lossOf(logits: tf.Tensor, target: NumberArray): tf.Scalar {
  if (target.shape.length > 1) return tf.sum(tf.mul(logits, toTensor(target)));
  const oneHot = tf.oneHot(tf.tensor1d(target.values, 'int32'), logits.shape.at(-1)!);
  return tf.losses.softmaxCrossEntropy(oneHot, logits);
}

/** What PyTorch is asked too, by TF.js on the current backend, under the same names. */
export async function differentiate({ layers, parameters, x, target }: Task): Promise<Map<string, Float32Array>> {
  const names = Object.keys(parameters);
  const { results, tensors } = tf.tidy(() => {
    const inputs = [x, ...names.map((name) => parameters[name]!)].map(toTensor);
    let logits: tf.Tensor | undefined;
    const loss = (given: tf.Tensor, ...values: tf.Tensor[]): tf.Scalar => {
      logits = applyLayers(layers, given, Object.fromEntries(names.map((name, i) => [name, values[i]!])));
      return lossOf(logits, target);
    };
    const { value, grads } = tf.valueAndGrads(loss)(inputs);
    const labels = ['gradient of x', ...names.map((name) => `gradient of ${name}`)];
    const all: [string, tf.Tensor][] = [
      ['loss', value],
      ...labels.map((label, i): [string, tf.Tensor] => [label, grads[i]!]),
    ];
    return { results: all, tensors: all.map(([, tensor]) => tensor) };
  });
  const values = new Map<string, Float32Array>();
  for (const [name, tensor] of results) values.set(name, (await tensor.data()) as Float32Array);
  tf.dispose(tensors);
  return values;
}

/** ‖actual - truth‖ / ‖truth‖. */
export function distance(actual: ArrayLike<number>, truth: ArrayLike<number>): number {
  let [difference, whole] = [0, 0];
  for (let i = 0; i < truth.length; i++) {
    difference += (actual[i]! - truth[i]!) ** 2;
    whole += truth[i]! ** 2;
  }
  return Math.sqrt(difference / (whole || 1));
}
