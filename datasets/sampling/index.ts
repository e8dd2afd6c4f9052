export { type OrderOptions, epochOrder } from './epoch-order';
export type { SamplerConfig } from './sampler';
