export { type Difficulty, learnDifficulty, readDifficulty, unknownDifficulty } from './difficulty';
export { type OrderOptions, type Samples, epochOrder } from './epoch-order';
export { type SamplerConfig, learnsFromScores } from './sampler';
