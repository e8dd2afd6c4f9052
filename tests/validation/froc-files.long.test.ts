import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from 'seeded-random';
import { readChallenge, writeChallenge, type ChallengeFiles } from '../../datasets';
import { challengeOfEvidence, evaluateChallenge, readSuite, validate } from '../../services/validation';
import { describeWithPython, describeWithSharedData, repoRoot } from '../present';
import { freezeTinySuite, splitTinyDataset, writeTinyBundle, writeTinyDataset } from './world';

const REFERENCE = join(__dirname, 'reference', 'luna16_froc.py');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'froc-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pathsIn = (dir: string) => ({
  annotations: join(dir, 'annotations.csv'),
  excluded: join(dir, 'annotations_excluded.csv'),
  series: join(dir, 'seriesuids.csv'),
  results: join(dir, 'results.csv'),
});

function lungate(...args: string[]) {
  return spawnSync(process.execPath, [join(repoRoot, 'bin', 'lungate.mjs'), ...args], { encoding: 'utf8' });
}

function frocArguments({ annotations, excluded, series, results }: ReturnType<typeof pathsIn>): string[] {
  return ['froc', results, '--annotations', annotations, '--excluded', excluded, '--series', series];
}

function reference(
  python: string,
  { annotations, excluded, series, results }: ReturnType<typeof pathsIn>,
  out: string,
) {
  const args = [REFERENCE, 'files', annotations, excluded, series, results, out];
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as { cpm: number; counts: { hits: number; falsePositives: number } };
}

describeWithSharedData("lungate froc on LUNA16's own nodules", (dataDir) => {
  describeWithPython(['numpy', 'sklearn'], 'beside the rules in Python', (python) => {
    test('prints the same figures, and writes the same files to the byte', async () => {
      const dir = join(folder, 'luna');
      const [ours, theirs] = [join(dir, 'ours'), join(dir, 'theirs')];
      for (const each of [dir, theirs]) await mkdir(each, { recursive: true });
      await makeResults(dir, join(dataDir, 'luna16', 'annotations.csv'));

      const { status, stdout, stderr } = lungate(...frocArguments(pathsIn(dir)), '--json', '--out', ours);
      expect([status, stderr.includes('5 files')]).toEqual([0, true]);
      const figures = JSON.parse(stdout) as { cpm: Record<string, number>; marks: object; ofOtherSeries: object };
      const { cpm, counts } = reference(python, pathsIn(dir), theirs);

      expect(figures.cpm['value']).toBeCloseTo(cpm, 12);
      expect(figures.marks).toMatchObject({ hits: counts.hits, falsePositives: counts.falsePositives });
      expect(figures.ofOtherSeries).toMatchObject({ marks: 1 });
      expect(cpm).toBeGreaterThan(0.2);
      expect(cpm).toBeLessThan(0.95);
      for (const file of ['froc_results.txt', 'froc_gt_prob_vectors_results.csv']) {
        const [written, expected] = await Promise.all([ours, theirs].map((at) => readFile(join(at, file), 'utf8')));
        expect(written).toBe(expected);
      }
      const band = (await readFile(join(ours, 'froc_results_bootstrapping.csv'), 'utf8')).trimEnd().split('\n');
      expect(band).toHaveLength(10_001);
      expect([band[1]!.split(',')[0], band.at(-1)!.split(',')[0]]).toEqual(['0.125000000', '8.000000000']);
      const missed = (await readFile(join(ours, 'nodulesWithoutCandidate_results.txt'), 'utf8')).trimEnd().split('\n');
      const analysis = await readFile(join(ours, 'CADAnalysis.txt'), 'utf8');
      expect(analysis).toContain(`True positives: ${counts.hits}\n`);
      expect(analysis).toContain(`False negatives: ${missed.length}\n`);
    });
  });
});

/** Marks in most nodules of fifty real scans, several in some, and astray; a quarter of the scans have more than 100. */
async function makeResults(dir: string, annotationsFile: string): Promise<void> {
  const random = seededRandom(16);
  const annotations = await readFile(annotationsFile, 'utf8');
  const rows = annotations.trim().split('\n').slice(1);
  const uids = [...new Set(rows.map((row) => row.split(',')[0]!))].slice(0, 50);
  const results = ['seriesuid,coordX,coordY,coordZ,probability', 'another.series,1,2,3,0.5'];
  const excluded = ['seriesuid,coordX,coordY,coordZ,diameter_mm'];
  const mark = (uid: string, place: number[], probability: number) =>
    results.push(`${uid},${place.map((mm) => mm.toFixed(3)).join(',')},${probability.toFixed(3)}`);
  for (const row of rows) {
    const [uid, ...numbers] = row.split(',');
    const [x, y, z, diameter] = numbers.map(Number) as [number, number, number, number];
    if (!uids.includes(uid!)) continue;
    for (let k = random.integer(4); k > 0; k--) {
      mark(
        uid!,
        [x, y, z].map((mm) => mm + 0.3 * diameter * random.normal()),
        0.4 + 0.6 * random.uniform(),
      );
    }
  }
  for (const uid of uids) {
    const place = () => [1, 2, 3].map(() => 200 * random.uniform() - 100);
    for (let k = random.integer(4) === 0 ? 130 : 20; k > 0; k--) mark(uid, place(), random.uniform() ** 8);
    for (let k = 0; k < 5; k++) excluded.push(`${uid},${place().join(',')},${k < 3 ? -1 : 40}`);
  }
  await writeFile(join(dir, 'annotations.csv'), annotations);
  await writeFile(join(dir, 'annotations_excluded.csv'), `${excluded.join('\n')}\n`);
  await writeFile(join(dir, 'seriesuids.csv'), `${uids.join('\n')}\nscan.without.anything\n`);
  await writeFile(join(dir, 'results.csv'), `${results.join('\n')}\n`);
}

describe('files of the challenge', () => {
  const small = {
    annotations: 'seriesuid,coordX,coordY,coordZ,diameter_mm\n1.2,0,0,0,10\n',
    excluded: 'seriesuid,coordX,coordY,coordZ,diameter_mm\n1.2,50,0,0,-1\n',
    series: '1.2\n1.3\n',
    results: 'seriesuid,coordX,coordY,coordZ,probability\n1.2,1,0,0,0.9\n1.3,1,0,0,0.5\n1.2,54,0,0,0.7\n',
  };
  let runs = 0;
  async function write(changes: Partial<typeof small> = {}): Promise<Required<ChallengeFiles>> {
    const dir = join(folder, `small-${++runs}`);
    await mkdir(dir);
    const files = pathsIn(dir);
    for (const [name, text] of Object.entries({ ...small, ...changes })) {
      await writeFile(files[name as keyof typeof small], text);
    }
    return files;
  }

  test('that are written hold the same when they are read', async () => {
    const { scans } = await readChallenge(await write());
    const dir = join(folder, 'again');
    await writeChallenge(dir, scans);
    expect((await readChallenge(pathsIn(dir))).scans).toEqual(scans);
  });

  test('are printed as a table', async () => {
    const { status, stdout } = lungate(...frocArguments(await write()), '--resamples', '200');
    expect(status).toBe(0);
    expect(stdout).toContain('2 scans, 1 nodules, 3 marks');
    expect(stdout).toMatch(/ignored: in an excluded finding +1\n/);
    expect(stdout).toMatch(/mean \(CPM\) +1\.0000 +1\.0000–1\.0000\n/);
  });

  test('that no one excludes anything in need no such file', async () => {
    const { annotations, series, results } = await write();
    const { scans } = await readChallenge({ annotations, series, results });
    const evaluation = evaluateChallenge(
      { scans, ofOtherSeries: { nodules: 0, excluded: 0, marks: 0 } },
      { resamples: 50, seed: 1 },
    );
    expect(evaluation.marks.counts).toMatchObject({ hits: 1, falsePositives: 2, inExcluded: 0 });
  });

  test.each<[string, Partial<typeof small>, object]>([
    [
      'a probability is missing',
      { results: small.results.replace('0.5', '') },
      { code: 'CSV_BAD_ROW', details: { line: 3 } },
    ],
    ['a probability is not a number', { results: small.results.replace('0.5', 'nan') }, { code: 'CSV_BAD_ROW' }],
    ['a column is missing', { results: small.results.replace('probability', 'p') }, { code: 'CSV_MISSING_COLUMN' }],
    [
      'a scan is listed twice',
      { series: '1.2\n1.3\n1.2\n' },
      { code: 'LUNA16_SERIES_LISTED_TWICE', details: { line: 3 } },
    ],
    ['no scan is listed', { series: 'seriesuid\n' }, { code: 'LUNA16_NO_SERIES_LISTED' }],
    ['results and scans have nothing in common', { series: '7.7\n' }, { code: 'LUNA16_NO_MARK_OF_SERIES' }],
  ])('are refused where %s', async (_name, changes, expected) => {
    await expect(readChallenge(await write(changes))).rejects.toMatchObject(expected);
  });

  test('without a nodule in the listed scans are refused, and nothing is written', async () => {
    const out = join(folder, 'nothing');
    const { status, stderr } = lungate(...frocArguments(await write({ series: '1.3\n' })), '--out', out);
    expect([status, stderr.includes('VALIDATION_NO_NODULES')]).toEqual([1, true]);
    await expect(readFile(join(out, 'CADAnalysis.txt'))).rejects.toThrow();
  });
});

describeWithPython(['numpy', 'sklearn'], 'the scores of a validation', (python) => {
  test("written as files of the challenge give the report's CPM by the rules in Python", async () => {
    const dir = join(folder, 'world');
    const dataset = await writeTinyDataset(join(dir, 'data'));
    const split = splitTinyDataset(dataset);
    const [suitePath, bundleDir, evidenceDir] = ['suite.yaml', 'bundle', 'evidence'].map((name) => join(dir, name));
    await freezeTinySuite(dataset, suitePath!);
    await writeTinyBundle(bundleDir!, dataset, split, { gain: 0.4 });
    const { report } = await validate({
      bundleDir: bundleDir!,
      suitePath: suitePath!,
      dataset,
      split,
      evidenceDir: evidenceDir!,
      keyDir: join(dir, 'key'),
    });
    const suite = await readSuite(suitePath!);
    const files = join(dir, 'files');
    await writeChallenge(files, await challengeOfEvidence(evidenceDir!, dataset, suite));

    const { cpm, counts } = reference(python, pathsIn(files), files);
    expect(report.figures['froc.cpm']!.value).toBeCloseTo(cpm, 12);
    expect(report.froc!.marks).toMatchObject({ hits: counts.hits, falsePositives: counts.falsePositives });
    const other = { ...dataset, manifest: { ...dataset.manifest, digest: 'sha256:other' } };
    await expect(challengeOfEvidence(evidenceDir!, other, suite)).rejects.toMatchObject({
      code: 'VALIDATION_OTHER_EVIDENCE',
      details: { what: 'dataset' },
    });
  });
});
