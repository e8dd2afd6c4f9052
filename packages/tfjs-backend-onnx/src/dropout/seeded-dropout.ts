import { layers } from '@tensorflow/tfjs-layers';
import { serialization, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { dropout } from './dropout';

export interface SeededDropoutConfig {
  name?: string;
  inputShape?: (number | null)[];
  /** The share of elements to drop, in [0, 1). */
  rate: number;
  /** A whole number, other than those of the model's other dropouts. */
  seed: number;
  /** As that of TF.js's dropout layer. Its first size is that of the batch. */
  noiseShape?: (number | null)[];
}

/**
 * `tf.layers.dropout` whose masks a resumed training repeats: each training step is one call of a mask that is a pure
 * function of (seed, call). Set `calls` to the number of steps done before.
 *
 * ```ts
 * const drop = new SeededDropout({ rate: 0.5, seed: 7 });
 * const model = tf.sequential({ layers: [dense, drop, head] });
 * drop.calls = checkpoint.step;
 * ```
 */
export class SeededDropout extends layers.Layer {
  static readonly className = 'SeededDropout';
  /** Training steps so far: the number of the next call. */
  calls = 0;
  private readonly settings: Pick<SeededDropoutConfig, 'rate' | 'seed' | 'noiseShape'>;

  constructor({ rate, seed, noiseShape, ...config }: SeededDropoutConfig) {
    super(config);
    this.supportsMasking = true;
    this.settings = { rate, seed, ...(noiseShape && { noiseShape }) };
  }

  override call(inputs: Tensor | Tensor[], kwargs: { training?: boolean }): Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    if (!kwargs.training) return x;
    const { rate, ...where } = this.settings;
    return tidy(() => dropout(x, rate, { ...where, call: this.calls++ }));
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), ...this.settings };
  }
}
serialization.registerClass(SeededDropout);
