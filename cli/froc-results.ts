import { basename, extname } from 'node:path';
import { readChallenge } from '../datasets';
import { evaluateChallenge, writeEvaluation, type ChallengeEvaluation } from '../services/validation';
import { say, startProgress } from './terminal';

export interface FrocCommandOptions {
  annotations: string;
  excluded?: string;
  series: string;
  out?: string;
  resamples: number;
  seed: number;
  json: boolean;
}

/** Judges a results file by the rules of LUNA16 and prints the figures. */
export async function frocOfResults(results: string, options: FrocCommandOptions): Promise<void> {
  const { annotations, excluded, series, out, resamples, seed, json } = options;
  const progress = startProgress('froc');
  progress.update(0, 3, `reading ${results}`);
  const challenge = await readChallenge({
    annotations,
    series,
    results,
    ...(excluded === undefined ? {} : { excluded }),
  });
  progress.update(1, 3, `${resamples} resamples`);
  const evaluation = evaluateChallenge(challenge, { resamples, seed });
  progress.update(2, 3, out ?? '');
  const name = basename(results, extname(results));
  const written = out === undefined ? [] : await writeEvaluation(out, name, evaluation);
  progress.end(
    written.length === 0 ? `judged ${results}` : `${written.length} files in ${out!}: ${written.join(', ')}`,
  );
  if (json) say(JSON.stringify(figuresOf(evaluation), null, 2));
  else sayTable(evaluation);
}

function figuresOf({ marks, cpm, cpmInterval, points, options, challenge }: ChallengeEvaluation) {
  return {
    scans: marks.scans,
    nodules: marks.nodules,
    marks: marks.counts,
    ofOtherSeries: challenge.ofOtherSeries,
    cpm: { value: cpm, lower: cpmInterval.lower, upper: cpmInterval.upper },
    points: points.map(({ falsePositivesPerScan, sensitivity, interval: { lower, upper } }) => {
      return { falsePositivesPerScan, sensitivity, lower, upper };
    }),
    ...options,
  };
}

function sayTable({ marks, cpm, cpmInterval, points, options, challenge }: ChallengeEvaluation): void {
  const { scored, hits, falsePositives, inExcluded, doubles, dropped } = marks.counts;
  const lines = [
    [`${marks.scans} scans, ${marks.nodules} nodules, ${scored} marks`],
    ['nodules hit', hits],
    ['nodules missed', marks.nodules - hits],
    ['false positives', falsePositives],
    ['ignored: in an excluded finding', inExcluded],
    ['ignored: beside a better mark', doubles],
    ['dropped: beyond the 100 best', dropped],
  ] as const;
  for (const [label, count] of lines) say(count === undefined ? label : `  ${label.padEnd(33)}${count}`);
  say('\nfalse positives a scan   sensitivity   95 %');
  for (const { falsePositivesPerScan, sensitivity, interval } of points) {
    say(
      `${String(falsePositivesPerScan).padStart(22)}   ${sensitivity.toFixed(4).padStart(11)}   ${rangeOf(interval)}`,
    );
  }
  say(`${'mean (CPM)'.padStart(22)}   ${cpm.toFixed(4).padStart(11)}   ${rangeOf(cpmInterval)}`);
  say(`\nintervals: bootstrap over scans, ${options.resamples} resamples, seed ${options.seed}`);
  const others = Object.entries(challenge.ofOtherSeries).filter(([, count]) => count > 0);
  if (others.length > 0) {
    say(`left out, as their series are not listed: ${others.map(([what, count]) => `${count} ${what}`).join(', ')}`);
  }
}

function rangeOf({ lower, upper }: { lower: number; upper: number }): string {
  return `${lower.toFixed(4)}–${upper.toFixed(4)}`;
}
