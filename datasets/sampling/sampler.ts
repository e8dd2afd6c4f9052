/** Which samples an epoch shows, and how often. */
export type SamplerConfig = PlainSampler | BalancedSampler;

/** Every sample once. */
export interface PlainSampler {
  name: 'plain';
}

/** Both classes in turn, equally often: the rarer one repeats. */
export interface BalancedSampler {
  name: 'balanced';
}
