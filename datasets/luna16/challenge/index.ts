export type { Challenge, ChallengeFinding, ChallengeScan } from './challenge';
export { type ChallengeFiles, readChallenge } from './read-challenge';
export { writeChallenge } from './write-challenge';
