/** Specs that tfjs-cpu passes and this backend does not, by reason. Everything else must pass. */
export const KNOWN_FAILURES: Readonly<Record<string, readonly string[]>> = {
  'float32 all the way: tfjs-cpu computes in double precision and rounds at the end': [
    'tan numbers exceed float32 precision',
  ],
  'NaN in a pooling window makes the maximum NaN: tfjs-cpu passes over it': [
    'maxPoolWithArgmax [x=[1,3,3,1] f=[2,2] s=1 ignores NaNs',
  ],
  'the gradients of dilated convolutions, which TF.js refuses, are computed here': [
    'depthwiseConv2d gradients throws error on dilations > 1',
  ],
};
