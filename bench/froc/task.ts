import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from 'seeded-random';
import { writeChallenge, type ChallengeFiles, type ChallengeScan } from '../../datasets';

/** As in the challenge: 888 scans, 1,186 nodules, 35,000 findings that count neither way, 550,000 candidates. */
export const SCANS = 888;
const NODULES = 1186;
const EXCLUDED = 35_000;
const CANDIDATES = 550_000;

/** The files, and the folder that holds nothing else. */
export type FrocTask = Required<ChallengeFiles> & { folder: string };

/** A detector that finds most nodules, marks some twice, and is wrong about everything else by falling probability. */
export async function layOutChallenge(): Promise<FrocTask> {
  const random = seededRandom(888);
  const scans = Array.from({ length: SCANS }, (_, i) => ({
    seriesUid: `1.3.6.1.4.1.14519.5.2.1.6279.6001.${String(i).padStart(30, '0')}`,
    nodules: [] as ChallengeScan['nodules'],
    excluded: [] as ChallengeScan['excluded'],
    places: [] as number[],
    probabilities: [] as number[],
  }));
  const anyScan = () => scans[random.integer(SCANS)]!;
  const place = () => [random.uniform(), random.uniform(), random.uniform()].map((u) => rounded(300 * u - 150));
  const mark = (scan: ReturnType<typeof anyScan>, xyz: readonly number[], probability: number) => {
    scan.places.push(...xyz);
    scan.probabilities.push(rounded(probability));
  };
  let marks = 0;
  for (let i = 0; i < NODULES; i++) {
    const scan = anyScan();
    const [x = 0, y = 0, z = 0] = place();
    const diameterMm = rounded(3 + 20 * random.uniform() ** 2);
    scan.nodules.push({ xyz: [x, y, z], diameterMm });
    for (let hits = random.uniform() < 0.05 ? 0 : 1 + random.integer(2); hits > 0; hits--, marks++) {
      const near = [x, y, z].map((mm) => rounded(mm + 0.2 * diameterMm * (random.uniform() - 0.5)));
      mark(scan, near, 1 - random.uniform() ** 2);
    }
  }
  for (let i = 0; i < EXCLUDED; i++) {
    const [x = 0, y = 0, z = 0] = place();
    anyScan().excluded.push({ xyz: [x, y, z], diameterMm: null });
  }
  for (; marks < CANDIDATES; marks++) mark(anyScan(), place(), random.uniform() ** 100);

  const folder = await mkdtemp(join(tmpdir(), 'lungate-bench-'));
  await writeChallenge(
    folder,
    scans.map((scan) => ({
      ...scan,
      places: Float64Array.from(scan.places),
      probabilities: Float64Array.from(scan.probabilities),
    })),
  );
  const file = (name: string) => join(folder, name);
  return {
    folder,
    annotations: file('annotations.csv'),
    excluded: file('annotations_excluded.csv'),
    series: file('seriesuids.csv'),
    results: file('results.csv'),
  };
}

/** Six decimals, as results files have them. */
function rounded(value: number): number {
  return Number(value.toFixed(6));
}
