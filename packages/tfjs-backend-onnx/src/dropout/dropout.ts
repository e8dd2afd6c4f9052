import { engine, mul, scalar, tensor } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { onnxBackendError } from '../errors';
import { OnnxBackend } from '../recording';
import { DROPOUT_MASK } from '../recording/kernels/dropout';
import { dropoutMask } from './mask';

export interface DropoutOptions {
  /** A whole number; give every place that drops one of its own. */
  seed: number;
  /**
   * The number of this call, such as the training step: another one gives another mask, the same one the same.
   * An int32 scalar where the function is compiled or exported, so that the number is not a constant in it.
   */
  call: number | Tensor;
  /** Where a size is 1 or null differs from x, what is dropped there is dropped together. Default: the shape of x. */
  noiseShape?: readonly (number | null)[];
}

/**
 * Dropout whose mask is a pure function of (seed, call): a training that is resumed at its step drops what it would
 * have dropped, on any backend. (`tf.dropout` with a seed gives the same mask at every call.) On the onnx backend the
 * mask is made inside of the step's graph.
 *
 * ```ts
 * const y = dropout(x, 0.5, { seed: 7, call: step });
 * ```
 *
 * @param x float32, any shape
 * @param rate the share of elements to drop, in [0, 1); kept ones are divided by 1 - rate (in steps of 1/65536)
 * @returns the shape of x
 * @throws ONNX_DROPOUT_RATE
 */
export function dropout<T extends Tensor>(x: T, rate: number, { seed, call, noiseShape }: DropoutOptions): T {
  if (!(rate >= 0 && rate < 1)) throw onnxBackendError('ONNX_DROPOUT_RATE', { rate });
  if (rate === 0) return x.clone();
  const shape = x.shape.map((size, axis) => noiseShape?.[axis] ?? size);
  return mul(x, maskOf(seed, call, shape, rate));
}

function maskOf(seed: number, call: number | Tensor, shape: number[], rate: number): Tensor {
  if ((engine().backend as unknown) instanceof OnnxBackend) {
    const count = typeof call === 'number' ? scalar(call, 'int32') : call;
    return engine().runKernel(DROPOUT_MASK, { call: count }, { seed, rate, shape });
  }
  const count = typeof call === 'number' ? call : call.dataSync()[0]!;
  const size = shape.reduce((product, n) => product * n, 1);
  return tensor(dropoutMask(seed, count, size, rate), shape);
}
