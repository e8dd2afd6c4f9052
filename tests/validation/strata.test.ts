import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCodedError } from 'coded-error';
import { parseDocument } from 'yaml';
import { openLuna16, type Dataset, type Split } from '../../datasets';
import { freezeSuite, policyBeside, validate, type Report } from '../../services/validation';
import { HOLDOUT, splitTinyDataset, TEMPLATE, writeTinyBundle, writeTinyDataset } from './world';

const SITE_OF = ['north', 'north', 'north', 'south', ''];

let world: string;
let dataset: Dataset;
let split: Split;
let runs = 0;

beforeAll(async () => {
  world = await mkdtemp(join(tmpdir(), 'strata-'));
  const dir = join(world, 'data');
  await writeTinyDataset(dir);
  const rows = SITE_OF.map((site, patient) => `1.2.840.${patient},${site},${patient < 2 ? '1' : '2.5'},K${patient}`);
  await writeFile(join(dir, 'series.csv'), `seriesuid,site,slice_thickness_mm,kernel\n${rows.join('\n')}\n`);
  dataset = await openLuna16(dir);
  split = splitTinyDataset(dataset);
});
afterAll(() => rm(world, { recursive: true, force: true }));

/** Freezes a suite that asks for these strata, and says which it left out. */
async function freeze(by: Record<string, unknown>, minimumCases = 10) {
  const template = parseDocument(await readFile(TEMPLATE, 'utf8'));
  for (const part of ['champion', 'froc', 'probes', 'determinism', 'explanations', 'performance', 'ledger']) {
    template.delete(part);
  }
  template.set('strata', { minimumCases, by });
  const templatePath = join(world, `template-${++runs}.yaml`);
  await writeFile(templatePath, template.toString());
  const suitePath = join(world, `suite-${runs}.yaml`);
  const { leftOut } = await freezeSuite({ templatePath, manifest: dataset.manifest, patients: HOLDOUT, suitePath });
  return { suitePath, leftOut };
}

async function judge(suitePath: string, rules: Record<string, string> = {}): Promise<Report> {
  const policy = parseDocument(await readFile(policyBeside(TEMPLATE), 'utf8'));
  policy.delete('changeControl');
  const asked = Object.entries(rules).map(([metric, name]) => ({
    name,
    metric,
    on: 'point',
    op: '>=',
    threshold: 0.2,
  }));
  policy.set('rules', asked);
  const policyPath = join(world, `policy-${++runs}.yaml`);
  await writeFile(policyPath, policy.toString());
  const bundleDir = join(world, `bundle-${runs}`);
  await writeTinyBundle(bundleDir, dataset, split);
  const evidenceDir = join(world, `evidence-${runs}`);
  const options = { bundleDir, suitePath, policyPath, dataset, split, evidenceDir, keyDir: join(world, 'key') };
  return (await validate(options)).report;
}

describe('strata of a holdout whose scans are told of', () => {
  let report: Report;
  let rows: string[][];
  beforeAll(async () => {
    const { suitePath } = await freeze({
      diameter: [6, 10],
      sliceThickness: [1.25],
      site: ['north', 'south'],
      kernel: 'all',
    });
    report = await judge(suitePath, {
      'strata.site.worst.sensitivity': 'every site is served',
      'strata.kernel.worst.auc': 'each kernel',
    });
    const csv = await readFile(join(world, `evidence-${runs}`, 'scores.csv'), 'utf8');
    rows = csv
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
  });

  const levels = (name: string) => report.strata!.dimensions.find((dimension) => dimension.name === name)!.levels;

  test('stand in levels with their cases and patients, those of which nothing is told apart', () => {
    const counts = (name: string) =>
      levels(name).map(({ label, known, candidates, patients, tooFew }) => [
        label,
        known,
        candidates,
        patients,
        tooFew,
      ]);
    expect(counts('site')).toEqual([
      ['north', true, 48, 3, false],
      ['south', true, 16, 1, true],
      ['not known', false, 16, 1, true],
    ]);
    expect(counts('sliceThickness').map(([label, , candidates]) => [label, candidates])).toEqual([
      ['≤ 1.25 mm', 32],
      ['> 1.25 mm', 48],
    ]);
  });

  test('have the figures that counting the rows of scores.csv gives', () => {
    const digests = new Map(dataset.manifest.series.map((series) => [series.digest, series]));
    const { threshold } = report.operatingPoint;
    const cases = rows.map((row) => {
      const series = [...digests.values()].find(({ digest }) => row.includes(digest))!;
      return { site: series.attributes?.['site'] ?? 'not known', label: row[6], score: Number(row[8]) };
    });
    expect(cases).toHaveLength(80);
    for (const level of levels('site')) {
      const own = cases.filter(({ site }) => site === level.label);
      const [positives, negatives] = ['1', '0'].map((label) => own.filter((one) => one.label === label));
      const share = (part: typeof own, called: boolean) =>
        part.filter(({ score }) => score >= threshold === called).length / part.length;
      const wins = positives!.flatMap((a) =>
        negatives!.map((b) => (a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0)),
      );
      expect(level.sensitivity!.value).toBeCloseTo(share(positives!, true), 12);
      expect(level.specificity!.value).toBeCloseTo(share(negatives!, false), 12);
      expect(level.auc!.value).toBeCloseTo(wins.reduce<number>((a, b) => a + b, 0) / wins.length, 12);
      expect([level.positives, level.negatives]).toEqual([positives!.length, negatives!.length]);
    }
  });

  test('of nodules have a sensitivity each and are told from all that are none', () => {
    const diameter = levels('diameter');
    expect(diameter.map(({ negatives, specificity }) => [negatives, specificity])).toEqual(Array(3).fill([0, null]));
    const negatives = report.holdout.negatives;
    for (const { auc, positives } of diameter) expect(auc!.n).toBe(positives + negatives);
    expect(diameter.reduce((sum, { positives }) => sum + positives, 0)).toBe(report.holdout.positives);
  });

  test('give rules the worst level that has enough cases, and nothing where none has', () => {
    const { site } = { site: report.figures['strata.site.worst.sensitivity']! };
    const north = levels('site')[0]!;
    expect(site).toMatchObject({ value: north.sensitivity!.value, n: north.positives });
    expect(site.title).toContain('north');
    expect(report.figures['strata.kernel.worst.auc']).toMatchObject({ value: null, n: 0 });
    const outcomes = report.rules.map(({ metric, outcome }) => [metric, outcome]);
    expect(outcomes).toContainEqual(['strata.kernel.worst.auc', 'fail']);
    const enough = report.strata!.dimensions.flatMap((dimension) =>
      dimension.levels.filter(({ tooFew, known }) => known && !tooFew),
    );
    const lowest = Math.min(...enough.map(({ sensitivity }) => sensitivity!.value));
    expect(report.strata!.worst!.value).toBe(lowest);
    expect(report.figures['strata.worst.sensitivity']!.value).toBe(lowest);
  });
});

test('a suite is frozen without the strata that its holdout cannot give, and says which', async () => {
  const { suitePath, leftOut } = await freeze({ site: 'all', manufacturer: 'all', diameter: [6, 500], texture: 'all' });
  expect(leftOut.map(({ dimension }) => dimension)).toEqual(['manufacturer', 'diameter', 'texture']);
  expect(leftOut[1]!.why).toContain('> 500 mm');
  expect((await readFile(suitePath, 'utf8')).match(/^ {4}\w+:/gm)).toEqual(['    site:']);
});

test.each([
  ['site: all', 'site: [north, south, west]', 'VALIDATION_STRATUM_EMPTY'],
  ['site: all', 'site: [north]', 'VALIDATION_STRATUM_UNLISTED'],
  ['site: all', 'manufacturer: all', 'VALIDATION_STRATUM_UNKNOWN'],
])('a suite that was changed from %s to %s is refused before anything is scored', async (from, to, code) => {
  const { suitePath } = await freeze({ site: 'all' });
  const text = await readFile(suitePath, 'utf8');
  expect(text).toContain(from);
  await writeFile(suitePath, text.replace(from, to));
  const error: unknown = await judge(suitePath).catch((reason: unknown) => reason);
  expect(isCodedError(error) && error.code).toBe(code);
  expect(existsSync(join(world, `evidence-${runs}`))).toBe(false);
});

test('a scan that was made elsewhere than the suite was frozen on is another holdout', async () => {
  const { suitePath } = await freeze({ site: 'all' });
  const file = join(dataset.dir, 'series.csv');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('1.2.840.3,south', '1.2.840.3,north'));
  const before = dataset;
  try {
    dataset = await openLuna16(before.dir);
    await expect(judge(suitePath)).rejects.toMatchObject({ code: 'VALIDATION_HOLDOUT_MISMATCH' });
  } finally {
    dataset = before;
    await writeFile(file, text);
  }
});
