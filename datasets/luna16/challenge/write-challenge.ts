import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileDurably } from 'durable-files';
import { toCsv } from '../../csv';
import { type ChallengeFinding, type ChallengeScan, PLACE_COLUMNS } from './challenge';

/**
 * Writes scans as the challenge's evaluation wants them: `results.csv`, `annotations.csv`, `annotations_excluded.csv` and
 * `seriesuids.csv`. Numbers are written so that reading them gives the same.
 */
export async function writeChallenge(dir: string, scans: readonly ChallengeScan[]): Promise<void> {
  await mkdir(dir, { recursive: true });
  const write = (file: string, content: string) => writeFileDurably(join(dir, file), content);
  const findings = (of: (scan: ChallengeScan) => readonly ChallengeFinding[]) =>
    toCsv(
      [...PLACE_COLUMNS, 'diameter_mm'],
      scans.flatMap((scan) => of(scan).map(({ xyz, diameterMm }) => [scan.seriesUid, ...xyz, diameterMm ?? -1])),
    );
  await write('seriesuids.csv', scans.map(({ seriesUid }) => `${seriesUid}\n`).join(''));
  await write(
    'annotations.csv',
    findings(({ nodules }) => nodules),
  );
  await write(
    'annotations_excluded.csv',
    findings(({ excluded }) => excluded),
  );
  await write('results.csv', toCsv([...PLACE_COLUMNS, 'probability'], marksOf(scans)));
}

function* marksOf(scans: readonly ChallengeScan[]): Generator<(string | number)[], undefined> {
  for (const { seriesUid, places, probabilities } of scans) {
    for (const [i, probability] of probabilities.entries()) {
      yield [seriesUid, ...places.subarray(3 * i, 3 * i + 3), probability];
    }
  }
}
