export { sampleCases } from './sample-cases';
export { scoreProbes } from './score-probes';
export { PROBES, probesSettings, type ProbeDescription, type ProbeSetting } from './settings';
