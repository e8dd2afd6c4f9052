import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CodedError } from 'coded-error';
import { contradictionsOf, readEvidence } from 'model-bundle';
import { parseDocument } from 'yaml';
import { findChampion, ledgerDir, loadConfig, registryRoot } from '../../ci';
import { patientRefs, type Dataset, type Split } from '../../datasets';
import { openRegistry } from '../../registry';
import { policyBeside, readHoldoutUses, readSuite, validate, type Champion } from '../../services/validation';
import { freezeTinySuite, HOLDOUT, splitTinyDataset, writeTinyBundle, writeTinyDataset, type TinyModel } from './world';

let world: string;
let dataset: Dataset;
let split: Split;
let suitePath: string;
let runs = 0;

const GOOD: TinyModel = {};
const UPSIDE_DOWN: TinyModel = { gain: -1.2 };

beforeAll(async () => {
  world = await mkdtemp(join(tmpdir(), 'champion-'));
  dataset = await writeTinyDataset(join(world, 'data'));
  split = splitTinyDataset(dataset);
  suitePath = join(world, 'suite.yaml');
  await freezeTinySuite(dataset, suitePath);
  const suite = parseDocument(await readFile(suitePath, 'utf8'));
  for (const part of ['probes', 'strata', 'decision']) suite.delete(part);
  suite.setIn(['bootstrap', 'resamples'], 500);
  await writeFile(suitePath, suite.toString());
  await askOfChampion(suitePath);
});
afterAll(() => rm(world, { recursive: true, force: true }));

/** Adds a rule on the champion to the policy beside a suite. */
async function askOfChampion(suite: string): Promise<void> {
  const policy = parseDocument(await readFile(policyBeside(suite), 'utf8'));
  policy.addIn(['rules'], {
    name: 'no worse than the champion',
    metric: 'champion.aucByPatient.difference',
    on: 'lower',
    op: '>=',
    threshold: -0.05,
  });
  await writeFile(policyBeside(suite), policy.toString());
}

async function championOf(model: TinyModel, threshold = 0.5): Promise<Champion> {
  const bundleDir = join(world, `champion-${++runs}`);
  await writeTinyBundle(bundleDir, dataset, split, model);
  return { version: 'nodule-classifier@1.0.0', bundleDir, threshold };
}

async function judge(model: TinyModel, champion: Champion | null | 'left out', changes: { ledgerDir?: string } = {}) {
  const bundleDir = join(world, `bundle-${++runs}`);
  const evidenceDir = join(world, `evidence-${runs}`);
  await writeTinyBundle(bundleDir, dataset, split, model);
  const kept = { keyDir: join(world, 'key'), ledgerDir: join(world, 'ledger') };
  const result = await validate({ bundleDir, suitePath, dataset, split, evidenceDir, champion, ...kept, ...changes });
  const rule = result.report.rules.find(({ name }) => name === 'no worse than the champion')!;
  return { ...result, bundleDir, evidenceDir, rule };
}

const endpointOf = ({ report }: Awaited<ReturnType<typeof judge>>, metric: string) =>
  report.champion!.endpoints.find((endpoint) => endpoint.metric === metric)!;

describe('against the champion', () => {
  let worst: Champion;
  let best: Awaited<ReturnType<typeof judge>>;
  beforeAll(async () => {
    worst = await championOf(UPSIDE_DOWN);
    best = await judge(GOOD, worst);
  });

  test('a better model is superior, by every endpoint on the same cases', () => {
    expect(best.report.champion!.endpoints.map(({ metric }) => metric)).toEqual([
      'aucByPatient',
      'averagePrecision',
      'sensitivity',
      'specificity',
      'froc.cpm',
    ]);
    for (const metric of ['aucByPatient', 'averagePrecision', 'froc.cpm']) {
      const { verdict, interval, adjustedP, p } = endpointOf(best, metric);
      expect(verdict).toBe('superior');
      expect(interval.lower).toBeGreaterThan(0);
      expect(adjustedP).toBeGreaterThanOrEqual(p);
    }
    expect(best.rule).toMatchObject({ outcome: 'pass' });
  });

  test('the difference is that of figures of the two models by themselves', () => {
    const { figures } = best.report;
    const area = endpointOf(best, 'aucByPatient');
    expect(area.challenger).toBeCloseTo(figures['auc']!.value!, 12);
    expect(area.champion).toBeCloseTo(1 - area.challenger, 12); // upside down
    expect(figures['champion.aucByPatient.difference']!.value).toBe(area.difference);
    for (const metric of ['averagePrecision', 'sensitivity', 'specificity', 'froc.cpm']) {
      expect(endpointOf(best, metric).challenger).toBeCloseTo(figures[metric]!.value!, 12);
    }
  });

  test('a worse model is inferior, and the rule on the champion fails it', async () => {
    const found = await judge(UPSIDE_DOWN, await championOf(GOOD));
    expect(endpointOf(found, 'aucByPatient').verdict).toBe('inferior');
    expect(found.rule).toMatchObject({ outcome: 'fail' });
    expect(found.verdict).toBe('fail');
    expect(found.report.holdoutUse).toEqual({ model: 2, suites: 1 });
  });

  test('the same model differs by nothing and is non-inferior', async () => {
    const { report, rule, verdict } = await judge(GOOD, await championOf(GOOD, best.report.operatingPoint.threshold));
    for (const endpoint of report.champion!.endpoints) {
      const same = { difference: 0, interval: { lower: 0, upper: 0 }, p: 1, adjustedP: 1, verdict: 'non-inferior' };
      expect(endpoint).toMatchObject(same);
    }
    expect(report.champion!.mcnemar).toMatchObject({ onlyChallengerRight: 0, onlyChampionRight: 0, p: 1 });
    expect(rule).toMatchObject({ outcome: 'pass', value: 0 });
    expect(verdict).toBe('pass');
  });

  test('a champion of another contract is scored from patches of its own, and at the threshold it serves with', async () => {
    const found = await judge(GOOD, await championOf({ patchSize: [16, 24, 32] }, 0.99999));
    // The same voxels in the middle, so that a right crop gives the same answers.
    expect(endpointOf(found, 'aucByPatient')).toMatchObject({ difference: 0, verdict: 'non-inferior' });
    expect(found.report.champion!.bundle).not.toBe(found.report.model.bundle);
    expect(endpointOf(found, 'sensitivity').champion).toBe(0);
    expect(endpointOf(found, 'specificity').champion).toBe(1);
    const { bothRight, onlyChallengerRight, onlyChampionRight, bothWrong } = found.report.champion!.mcnemar;
    expect(bothRight + onlyChallengerRight + onlyChampionRight + bothWrong).toBe(found.report.holdout.candidates);
    const { truePositives, trueNegatives } = found.report.discrimination.confusion;
    expect(bothRight + onlyChallengerRight).toBe(truePositives + trueNegatives);
  });

  test('the same champion gives the same evidence, whoever else was judged meanwhile', async () => {
    const again = await judge(GOOD, worst);
    expect(again.evidenceDigest).toBe(best.evidenceDigest);
    expect(again.report.holdoutUse).toEqual({ model: 1, suites: 1 });
    const { holdout } = await readSuite(suitePath);
    expect(await readHoldoutUses(join(world, 'ledger'), holdout.digest)).toHaveLength(2);
  });
});

describe('without a champion', () => {
  test('the first version passes: rules on the champion are not applicable, and the section is empty', async () => {
    const { report, rule, verdict, evidenceDir } = await judge(GOOD, null);
    expect(report.champion).toBeNull();
    expect(rule).toMatchObject({ outcome: 'not applicable', value: null });
    expect(verdict).toBe('pass');
    expect(await contradictionsOf(evidenceDir, await readEvidence(evidenceDir))).toEqual([]);
  });

  test('that was left out on purpose a rule on it fails: nothing was shown', async () => {
    const { report, rule, verdict, evidenceDir } = await judge(GOOD, 'left out');
    expect(report.champion).toBeNull();
    expect(rule).toMatchObject({ outcome: 'fail', value: null });
    expect(verdict).toBe('fail');
    expect(await contradictionsOf(evidenceDir, await readEvidence(evidenceDir))).toEqual([]);
  });
});

describe('a comparison is refused, by name and without evidence or a use of the holdout,', () => {
  async function refusalOf(champion: Champion): Promise<CodedError> {
    const ledger = join(world, `ledger-${runs}`);
    const error = await judge(GOOD, champion, { ledgerDir: ledger }).then(
      () => undefined,
      (reason: unknown) => reason as CodedError,
    );
    expect(existsSync(join(world, `evidence-${runs}`))).toBe(false);
    expect(existsSync(ledger)).toBe(false);
    return error!;
  }

  test('with a champion that was trained on the holdout', async () => {
    const seen = patientRefs(dataset.manifest, [HOLDOUT[1]!])[0]!;
    const champion = await championOf({
      lineage: (own) => ({ ...own, split: { ...own.split, train: [...own.split.train, seen] } }),
    });
    const error = await refusalOf(champion);
    expect(error.code).toBe('VALIDATION_CHAMPION_SAW_HOLDOUT');
    expect(error.message).toContain(seen.series[0]);
    expect(error.message).not.toContain(HOLDOUT[1]);
  });

  test('with a champion that tells other classes apart', async () => {
    const champion = await championOf({
      signature: (own) => ({ ...own, labels: ['benign', 'malignant'], positiveLabel: 'malignant' }),
    });
    expect(await refusalOf(champion)).toMatchObject({ code: 'VALIDATION_CHAMPION_OTHER_LABELS' });
  });
});

test.each([
  ['margins:\n    recall: 0.1', /champion\.margins/],
  ['margins: {}', /must name an endpoint/],
  ['margins:\n    auc: 0.05\n    aucByPatient: 0.05', /one endpoint with two intervals/],
  ['margins:\n    auc: 0', /champion\.margins\.auc/],
])('a suite with %j is refused with the field by name', async (margins, problem) => {
  const path = join(world, 'wrong.yaml');
  const suite = parseDocument(await readFile(suitePath, 'utf8'));
  suite.set('champion', parseDocument(margins));
  await writeFile(path, suite.toString());
  const error = await readSuite(path).then(
    () => undefined,
    (reason: unknown) => reason as CodedError,
  );
  expect(error).toMatchObject({ code: 'VALIDATION_SUITE_INVALID' });
  expect(error!.message).toMatch(problem);
});

describe('the champion of the registry', () => {
  const configured = (root: string) => loadConfig([`root=${root}`, `suite.file=${suitePath}`]);
  /** Validates a model against the champion of a registry, registers it, and makes it the champion. */
  async function promote(root: string, model: TinyModel, asked?: string) {
    const config = configured(root);
    const registry = openRegistry(registryRoot(config), { keyDir: join(world, 'key') });
    try {
      const bundleDir = join(world, `promoted-${++runs}`);
      const { digest } = await writeTinyBundle(bundleDir, dataset, split, model);
      const champion = await findChampion(config, digest, asked);
      const found = await judge(model, champion, { ledgerDir: ledgerDir(config) });
      const { version } = await registry.register({
        name: 'nodule-classifier',
        bundleDir,
        evidenceDir: found.evidenceDir,
        runId: '',
      });
      await registry.setAlias('nodule-classifier', 'champion', version, 'better');
      return {
        digest,
        version,
        champion,
        evidenceDigest: found.evidenceDigest,
        threshold: found.report.operatingPoint.threshold,
      };
    } finally {
      registry.close();
    }
  }

  test('is none for the first version, then the one that serves, with the threshold of its own evidence', async () => {
    const root = join(world, 'root-1');
    const first = await promote(root, GOOD);
    expect(first.champion).toBeNull();
    const second = await promote(root, { gain: 1.25 });
    expect(second.champion).toMatchObject({
      version: `nodule-classifier@${first.version}`,
      threshold: first.threshold,
    });
    const config = configured(root);
    // Who is the champion is held against the one before, so that its evidence is the same after its promotion.
    expect(await findChampion(config, first.digest)).toMatchObject({ version: `nodule-classifier@${second.version}` });
    expect(await findChampion(config, second.digest)).toEqual(second.champion);
    expect(await findChampion(config, second.digest, 'none')).toBe('left out');
    expect(await findChampion(config, second.digest, `nodule-classifier@${second.version}`)).toMatchObject({
      version: `nodule-classifier@${second.version}`,
    });
    // Who compares with a version that is easier to beat gets evidence, and no version.
    await expect(promote(root, { gain: 1.3 }, `nodule-classifier@${first.version}`)).rejects.toMatchObject({
      code: 'REGISTRY_OTHER_CHAMPION',
    });
    await expect(findChampion(config, second.digest, 'nodule-classifier@9.0.0')).rejects.toMatchObject({
      code: 'REGISTRY_VERSION_UNKNOWN',
    });
  });

  test('is not looked for where the suite compares with none', async () => {
    const path = join(world, 'alone.yaml');
    const suite = parseDocument(await readFile(suitePath, 'utf8'));
    suite.delete('champion');
    await writeFile(path, suite.toString());
    const config = loadConfig([`root=${join(world, 'root-2')}`, `suite.file=${path}`]);
    expect(await findChampion(config, 'sha256:0')).toBeNull();
    expect(existsSync(registryRoot(config))).toBe(false);
  });
});
