export {
  type Challenge,
  type ChallengeFiles,
  type ChallengeFinding,
  type ChallengeScan,
  readChallenge,
  writeChallenge,
} from './challenge';
export { type Luna16Task } from './labels';
export { type OpenLuna16Options, openLuna16 } from './open-luna16';
