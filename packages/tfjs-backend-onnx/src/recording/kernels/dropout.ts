import type { Shape } from '../../graph/op';
import { input, record } from '../kernel-call';
import type { Recorder } from '../kernel-call';

/** The kernel that TF.js does not have: a mask of `shape` from a seed and the number of the call. */
export const DROPOUT_MASK = 'DropoutMask';

export interface DropoutMaskAttributes {
  seed: number;
  rate: number;
  shape: Shape;
}

export const dropoutKernels: Record<string, Recorder> = {
  [DROPOUT_MASK]: (call) => {
    const { seed, rate, shape } = call.attributes as unknown as DropoutMaskAttributes;
    return record('DropoutMask', [input(call, 'call')], { seed, rate }, shape, 'float32');
  },
};
