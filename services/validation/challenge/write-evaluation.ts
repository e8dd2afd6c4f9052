import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileDurably } from 'durable-files';
import { frocCurve, scanBootstrap } from '../statistics';
import type { ChallengeEvaluation } from './evaluate-challenge';

/** Rates of the file with the band: 10,000 from 1/8 to 8, spaced evenly. */
const BAND_RATES = Array.from({ length: 10_000 }, (_, i) => (i === 9999 ? 8 : i * ((8 - 0.125) / 9999) + 0.125));

/** All of them at once would take a gigabyte where somebody asks for 10,000 resamples. */
const RATES_AT_A_TIME = 2500;

/** Stands for the probability of a nodule that nothing marked. */
const MISSED = -1_000_000_000;

/**
 * Writes the files that the challenge's script writes, with its names and columns; `name` is that of the results file:
 * `CADAnalysis.txt`, `nodulesWithoutCandidate_<name>.txt`, `froc_<name>.txt`, `froc_gt_prob_vectors_<name>.csv` and
 * `froc_<name>_bootstrapping.csv`.
 */
export async function writeEvaluation(dir: string, name: string, evaluation: ChallengeEvaluation): Promise<string[]> {
  const files: Record<string, string> = {
    'CADAnalysis.txt': analysisText(name, evaluation),
    [`nodulesWithoutCandidate_${name}.txt`]: missedText(evaluation),
    [`froc_${name}.txt`]: curveText(evaluation),
    [`froc_gt_prob_vectors_${name}.csv`]: vectorsText(evaluation),
    [`froc_${name}_bootstrapping.csv`]: bandText(evaluation),
  };
  await mkdir(dir, { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFileDurably(join(dir, file), text);
  return Object.keys(files);
}

function analysisText(name: string, { marks }: ChallengeEvaluation): string {
  const { hits, falsePositives, inExcluded, doubles, scored, dropped } = marks.counts;
  const candidates = scored - dropped;
  const stars = '*'.repeat(60);
  return [
    ...['', stars, `CAD Analysis: ${name}`, stars, '', 'Candidate detection results:'],
    `    True positives: ${hits}`,
    `    False positives: ${falsePositives}`,
    `    False negatives: ${marks.nodules - hits}`,
    '    True negatives: 0',
    `    Total number of candidates: ${candidates}`,
    `    Total number of nodules: ${marks.nodules}`,
    `    Ignored candidates on excluded nodules: ${inExcluded}`,
    `    Ignored candidates which were double detections on a nodule: ${doubles}`,
    `    Sensitivity: ${nineDecimals(hits / marks.nodules)}`,
    `    Average number of candidates per scan: ${nineDecimals(candidates / marks.scans)}`,
    '',
  ].join('\n');
}

function missedText({ challenge, judged }: ChallengeEvaluation): string {
  const lines = challenge.scans.flatMap(({ seriesUid, nodules }, scan) =>
    nodules
      .filter((_, i) => judged[scan]!.hits[i] === null)
      .map(({ xyz, diameterMm }) => [seriesUid, 'None', ...xyz, nineDecimals(diameterMm ?? -1), '-1'].join(',')),
  );
  return lines.map((line) => `${line}\n`).join('');
}

function curveText({ marks }: ChallengeEvaluation): string {
  const rows = frocCurve(marks).map(({ falsePositivesPerScan, sensitivity, threshold }) => [
    falsePositivesPerScan,
    sensitivity,
    threshold,
  ]);
  return rows.map((row) => `${row.map(nineDecimals).join(',')}\n`).join('');
}

function vectorsText({ challenge, judged }: ChallengeEvaluation): string {
  const lines = judged.flatMap(({ hits, falsePositives }, scan) => [
    ...hits.map((hit) => `1,${nineDecimals(hit ?? MISSED)}\n`),
    ...Array.from(falsePositives, (mark) => `0,${nineDecimals(challenge.scans[scan]!.probabilities[mark]!)}\n`),
  ]);
  return lines.join('');
}

function bandText({ marks, options }: ChallengeEvaluation): string {
  const lines: string[] = [];
  for (let first = 0; first < BAND_RATES.length; first += RATES_AT_A_TIME) {
    const rates = BAND_RATES.slice(first, first + RATES_AT_A_TIME);
    scanBootstrap(marks, rates, options).sensitivities.forEach(({ mean, lower, upper }, i) => {
      lines.push([rates[i]!, mean, lower, upper].map(nineDecimals).join(','));
    });
  }
  // The words of the script, its spelling too: programs ask for these columns.
  return ['FPrate,Sensivity[Mean],Sensivity[Lower bound],Sensivity[Upper bound]', ...lines, ''].join('\n');
}

/** As C's `%.9f`, which rounds a number that lies exactly between two to the even one. */
function nineDecimals(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const text = Math.abs(value) < 1e21 ? value.toFixed(9) : `${BigInt(value)}.000000000`;
  const isBetween = Math.abs((value * 1024) % 2) === 1;
  if (!isBetween) return text;
  const cut = value.toFixed(10).slice(0, -1);
  return Number(cut.at(-1)) % 2 === 0 ? cut : text;
}
