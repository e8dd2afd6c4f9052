import { reshape, serialization, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';

type Arguments = Parameters<typeof layers.batchNormalization>[0];
type Shape = (number | null)[];

/** TF.js does not export the class that its factory makes. */
const OfTfjs = layers.batchNormalization().constructor as new (config?: Arguments) => layers.Layer;

/** The highest rank that the layer of TF.js normalizes. */
const HIGHEST_RANK = 4;

/**
 * `tf.layers.batchNormalization` for tensors of any rank: that of TF.js refuses more than four dimensions, and with
 * them 3D networks. The same weights, options and class name, so that models saved with either load with this one.
 * Above rank 4 the channels must come last.
 *
 * ```ts
 * const norm = new BatchNormalization({ momentum: 0.9 });
 * const y = norm.apply(x); // [B, D, H, W, C]
 * ```
 */
export class BatchNormalization extends OfTfjs {
  static readonly className = 'BatchNormalization';

  override build(inputShape: Shape | Shape[]): void {
    const rank = (inputShape as Shape).length;
    const channels = this as unknown as { axis: number };
    // By its position from the end it stays right when the input is seen under a lower rank.
    if (rank > HIGHEST_RANK && channels.axis === rank - 1) channels.axis = -1;
    super.build(inputShape);
  }

  override call(inputs: Tensor | Tensor[], kwargs: Record<string, unknown>): Tensor | Tensor[] {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    if (x.rank <= HIGHEST_RANK) return super.call(x, kwargs);
    return tidy(() => {
      const [batch, last] = [x.shape[0], x.shape.slice(-2)];
      const flat = reshape(x, [batch, -1, ...last]);
      return reshape(super.call(flat, kwargs) as Tensor, x.shape);
    });
  }
}
serialization.registerClass(BatchNormalization as unknown as serialization.SerializableConstructor<BatchNormalization>);
