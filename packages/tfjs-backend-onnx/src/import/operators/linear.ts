/** Products of matrices. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Operator } from '../operator';
import { Value } from '../value';

/** As NumPy's matmul: vectors are rows or columns, batches of matrices broadcast. */
export function multiply(a: Tensor, b: Tensor): Tensor {
  if (a.rank === 1) {
    const product = multiply(tf.expandDims(a, 0), b);
    return tf.squeeze(product, [product.rank - (b.rank === 1 ? 1 : 2)]);
  }
  if (b.rank === 1) return tf.squeeze(multiply(a, tf.expandDims(b, 1)), [-1]);
  if (b.rank === 2) {
    // One matrix for all rows of the batch: a plain product, whose gradient is one too.
    const rows = a.shape.slice(0, -1);
    const flat = tf.reshape(a, [rows.reduce((x, y) => x * y, 1), a.shape.at(-1)!]);
    return tf.reshape(tf.matMul(flat, b), [...rows, b.shape[1]!]);
  }
  // TF.js's gradient of a product wants equal batches.
  const batch = tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return tf.matMul(
    tf.broadcastTo(a, [...batch, ...a.shape.slice(-2)]),
    tf.broadcastTo(b, [...batch, ...b.shape.slice(-2)]),
  );
}

const scaled = (x: Tensor, factor: number): Tensor => (factor === 1 ? x : tf.mul(x, factor));

export const linearOperators: Record<string, Operator> = {
  MatMul: (call) => Value.of(multiply(call.input(0).tensor, call.input(1).tensor)),
  Gemm: (call) => {
    const [transposeA, transposeB] = [call.int('transA', 0) === 1, call.int('transB', 0) === 1];
    const product = tf.matMul(call.input(0).tensor, call.input(1).tensor, transposeA, transposeB);
    const bias = call.inputs[2];
    const sum = scaled(product, call.float('alpha', 1));
    return Value.of(bias ? tf.add(sum, scaled(bias.tensor, call.float('beta', 1))) : sum);
  },
  Einsum: (call) => {
    const tensors = call.inputs.map((_, i) => call.input(i).tensor);
    return Value.of(tf.einsum(call.text('equation', '').replaceAll(' ', ''), ...tensors));
  },
};
