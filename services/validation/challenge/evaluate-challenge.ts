import type { Challenge } from '../../../datasets';
import {
  cpm,
  CPM_RATES,
  judgeMarks,
  rankJudged,
  scanBootstrap,
  sensitivitiesAt,
  unitScanWeights,
  type FrocMarks,
  type JudgedScan,
  type ResampledEstimate,
} from '../statistics';

export interface ChallengeOptions {
  resamples: number;
  seed: number;
}

/** A results file, judged as the challenge judges it. */
export interface ChallengeEvaluation {
  challenge: Challenge;
  judged: JudgedScan[];
  marks: FrocMarks;
  cpm: number;
  cpmInterval: ResampledEstimate;
  /** At the seven rates of the CPM. */
  points: { falsePositivesPerScan: number; sensitivity: number; interval: ResampledEstimate }[];
  options: ChallengeOptions;
}

/**
 * FROC and CPM of a results file by the rules of LUNA16's evaluation, each with its interval from a bootstrap over scans.
 *
 * @throws VALIDATION_NO_NODULES, VALIDATION_BOOTSTRAP_UNDEFINED
 */
export function evaluateChallenge(challenge: Challenge, options: ChallengeOptions): ChallengeEvaluation {
  const judged = challenge.scans.map(judgeMarks);
  const marks = rankJudged(challenge.scans, judged);
  const bootstrap = scanBootstrap(marks, CPM_RATES, options);
  const sensitivities = sensitivitiesAt(marks, CPM_RATES, unitScanWeights(marks));
  return {
    challenge,
    judged,
    marks,
    cpm: cpm(marks),
    cpmInterval: bootstrap.cpm,
    points: CPM_RATES.map((falsePositivesPerScan, i) => ({
      falsePositivesPerScan,
      sensitivity: sensitivities[i]!,
      interval: bootstrap.sensitivities[i]!,
    })),
    options,
  };
}
