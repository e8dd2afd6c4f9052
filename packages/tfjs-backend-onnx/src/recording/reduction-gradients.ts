import {
  backend_util,
  div,
  engine,
  getGradient,
  mul,
  onesLike,
  registerGradient,
  reshape,
  util,
} from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { OnnxBackend } from './backend';

/** Gradients that already go through here: registering twice must not wrap twice. */
const wrapped = new WeakSet<GradConfig>();

/**
 * The gradients of sums and means, in which TF.js multiplies with `tf.ones` of the size of x: values that it writes
 * out and hands to the backend in every step. Here the ones are recorded, and never exist. Other backends keep theirs.
 */
export function registerReductionGradients(): void {
  for (const kernel of ['Sum', 'Mean']) {
    const known = getGradient(kernel) as GradConfig | undefined;
    if (!known || wrapped.has(known)) continue;
    const config: GradConfig = {
      ...known,
      gradFunc: (dy, saved, attributes) => {
        const [x] = saved as [Tensor];
        if (x.dtype !== 'float32' || !((engine().backend as unknown) instanceof OnnxBackend)) {
          return known.gradFunc(dy, saved, attributes);
        }
        const axes = util.parseAxisParam(attributes['axis'] as number | number[], x.shape);
        const each = reshape(dy as Tensor, backend_util.expandShapeToKeepDim(reducedShape(x.shape, axes), axes));
        const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
        return { x: () => mul(kernel === 'Mean' ? div(each, count) : each, onesLike(x)) };
      },
    };
    wrapped.add(config);
    registerGradient(config);
  }
}

const reducedShape = (shape: number[], axes: number[]): number[] => shape.filter((_, axis) => !axes.includes(axis));
