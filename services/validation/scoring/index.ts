export { openModelPool, type ModelPool } from './model-pool';
export { replayGoldenCases } from './replay-golden-cases';
export { scoreCandidates } from './score-candidates';
