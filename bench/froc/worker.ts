import { readFileSync } from 'node:fs';
import { readChallenge } from '../../datasets';
import {
  cpm,
  judgeMarks,
  rankJudged,
  scanBootstrap,
  type FrocMarks,
  type JudgedScan,
} from '../../services/validation/statistics';
import { answerRounds } from '../side-by-side/answer-rounds';
import type { FrocTask } from './task';

const RESAMPLES = 1000;
/** Those of the challenge's file. */
const BAND_RATES = Array.from({ length: 10_000 }, (_, i) => 0.125 + (i * (8 - 0.125)) / 9999);

/** Our side: the whole from the files to the band, and the bootstrap alone. */
async function main(task: FrocTask): Promise<void> {
  const challenge = await readChallenge(task);
  const judged = challenge.scans.map(judgeMarks);
  const marks = rankJudged(challenge.scans, judged);
  await answerRounds({ name: 'Lungate', cpm: cpm(marks) }, async (request) => {
    const { part, draws = [] } = request as { part: 'whole' | 'bootstrap' | 'cpm'; draws?: number[][] };
    const begun = performance.now();
    const result: { cpm?: number[] } = {};
    if (part === 'whole') {
      const { scans } = await readChallenge(task);
      bootstrap(scans, scans.map(judgeMarks));
    } else if (part === 'bootstrap') bootstrap(challenge.scans, judged);
    else result.cpm = draws.map((drawn) => cpmOf(marks, drawn));
    return { seconds: (performance.now() - begun) / 1000, ...result };
  });
}

function bootstrap(scans: Parameters<typeof rankJudged>[0], judged: readonly JudgedScan[]): void {
  scanBootstrap(rankJudged(scans, judged), BAND_RATES, { resamples: RESAMPLES, seed: 1 });
}

function cpmOf(marks: FrocMarks, drawn: readonly number[]): number {
  const weights = new Uint32Array(marks.scans);
  for (const scan of drawn) weights[scan]!++;
  return cpm(marks, weights);
}

void main(JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as FrocTask);
