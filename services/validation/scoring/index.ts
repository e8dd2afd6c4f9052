export { askInBatches } from './ask-in-batches';
export { openModelPool, type ModelPool } from './model-pool';
export { replayGoldenCases } from './replay-golden-cases';
export { indicesBySeries, positiveProbability, scoreCandidates } from './score-candidates';
