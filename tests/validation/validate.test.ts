import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCodedError, type CodedError } from 'coded-error';
import { sha256 } from 'durable-files';
import { readEvidence, readGatePublicKey, type Lineage, type Signature } from 'model-bundle';
import { openLuna16, patientRefs, writeMetaImage, type Dataset, type Split } from '../../datasets';
import { explainVerdict, freezeSuite, readSuite, reportSchema, suiteDigest, validate } from '../../services/validation';
import { figuresOf } from '../../services/validation/gate/figure-catalogue';
import { describeWithSharedData } from '../present';
import {
  freezeTinySuite,
  HOLDOUT,
  splitTinyDataset,
  TEMPLATE,
  writeLunaBundle,
  writeTinyBundle,
  writeTinyDataset,
  type TinyModel,
} from './world';

let world: string;
let dataset: Dataset;
let split: Split;
let suitePath: string;
let runs = 0;

beforeAll(async () => {
  world = await mkdtemp(join(tmpdir(), 'validation-'));
  dataset = await writeTinyDataset(join(world, 'data'));
  split = splitTinyDataset(dataset);
  suitePath = join(world, 'suite.yaml');
  await freezeTinySuite(dataset, suitePath);
});
afterAll(() => rm(world, { recursive: true, force: true }));

/** Validates a tiny model in folders of its own. */
async function validateTiny(model: TinyModel = {}, changes: Partial<Parameters<typeof validate>[0]> = {}) {
  const bundleDir = join(world, `bundle-${++runs}`);
  const evidenceDir = join(world, `evidence-${runs}`);
  await writeTinyBundle(bundleDir, dataset, split, model);
  const options = { bundleDir, suitePath, dataset, split, evidenceDir, keyDir: join(world, 'key'), ...changes };
  return { ...(await validate(options)), evidenceDir };
}

async function refusalOf(work: Promise<unknown>): Promise<CodedError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isCodedError(error)) throw new Error(`not refused: ${String(error)}`);
  expect(existsSync(join(world, `evidence-${runs}`))).toBe(false);
  return error;
}

describe('a model that separates the classes', () => {
  let result: Awaited<ReturnType<typeof validateTiny>>;
  const progress: number[] = [];
  beforeAll(async () => {
    result = await validateTiny({}, { onProgress: (done) => progress.push(done) });
  });

  test('passes, with every rule, its value and its margin', () => {
    expect(result.verdict).toBe('pass');
    expect(result.report.rules.map(({ metric, on, outcome, endpoint }) => [metric, on, outcome, endpoint])).toEqual([
      ['auc', 'lower', 'pass', 'primary'],
      ['auc', 'point', 'pass', null],
      ['sensitivityAtSpecificity', 'point', 'pass', 'secondary'],
      ['ece', 'point', 'pass', 'secondary'],
      ['champion.aucByPatient.difference', 'lower', 'not applicable', null],
      ['champion.sensitivity.difference', 'point', 'not applicable', null],
      ['goldenCaseDifference', 'point', 'pass', null],
    ]);
    for (const { op, value, threshold, margin, outcome } of result.report.rules) {
      if (outcome === 'not applicable') expect(margin).toBeNull();
      else expect(margin).toBeCloseTo(op === '>=' ? value! - threshold : threshold - value!, 12);
    }
    expect(explainVerdict(result.report).at(-1)).toBe(
      'PASS: all 5 rules hold. 2 were not applicable: there is no champion.',
    );
  });

  test('leaves evidence that is signed by the gate and whose report keeps the published schema', async () => {
    const evidence = await readEvidence(result.evidenceDir, await readGatePublicKey(join(world, 'key')));
    expect(evidence).toMatchObject({
      digest: result.evidenceDigest,
      verdict: 'pass',
      suiteDigest: suiteDigest(await readSuite(suitePath)),
      datasetDigest: dataset.manifest.digest,
    });
    const text = await readFile(join(result.evidenceDir, 'report.json'), 'utf8');
    expect(reportSchema.parse(JSON.parse(text))).toEqual(result.report);
  });

  test('measured nothing that a rule could not have asked for by name beforehand', async () => {
    const known = figuresOf(await readSuite(suitePath));
    expect(Object.keys(result.report.figures).filter((name) => !Object.hasOwn(known, name))).toEqual([]);
  });

  test('has its AUC confirmed by counting pairs in scores.csv', async () => {
    const text = await readFile(join(result.evidenceDir, 'scores.csv'), 'utf8');
    const rows = text
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    const scoresOf = (label: string) => rows.filter((row) => row[6] === label).map((row) => Number(row[8]));
    const [nodules, others] = [scoresOf('1'), scoresOf('0')];
    const wins = nodules.flatMap((a) => others.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
    expect(rows).toHaveLength(5 * 16);
    expect(result.report.figures['auc']!.value).toBeCloseTo(wins.reduce<number>((a, b) => a + b, 0) / wins.length, 12);
  });

  test('says on the first line of every form that phantoms are phantoms', async () => {
    expect(result.report.notice).toMatch(/^PHANTOM DATA/);
    expect(explainVerdict(result.report)[0]).toMatch(/^PHANTOM DATA/);
    const json = await readFile(join(result.evidenceDir, 'report.json'), 'utf8');
    expect(json.split('\n')[1]).toContain('PHANTOM DATA');
    const html = await readFile(join(result.evidenceDir, 'report.html'), 'utf8');
    expect(html.slice(html.indexOf('<body>') + 6).trimStart()).toMatch(/^<p class="notice">PHANTOM DATA/);
  });

  test('has a report in one file, with vector plots and the hardest cases as pictures', async () => {
    const html = await readFile(join(result.evidenceDir, 'report.html'), 'utf8');
    for (const figure of ['ROC curve', 'Precision against recall', 'Scores', 'Reliability', 'Each level']) {
      expect(html).toMatch(new RegExp(`<figure[^>]* aria-label="${figure}[^>]*><svg `));
    }
    expect(html.match(/src="data:image\/png;base64,/g)).toHaveLength(12);
    expect(html.replaceAll(/xmlns(:xlink)?="[^"]*"/g, '')).not.toMatch(/https?:|<script|<link/);
  });

  test('has evidence without patient ids, series UIDs or paths', async () => {
    for (const file of await readdir(result.evidenceDir)) {
      const text = await readFile(join(result.evidenceDir, file), 'utf8');
      expect(text).not.toMatch(/patient-\d|1\.2\.840/);
      expect(text).not.toContain(world);
    }
  });

  test('is scored case by case, up to the last', () => {
    expect(progress.at(-1)).toBe((5 + split.validation.length) * 16);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  test('gives the same evidence digest another time and in another place', async () => {
    expect((await validateTiny()).evidenceDigest).toBe(result.evidenceDigest);
  });
});

describe('a model that must not pass', () => {
  test('fails upside down, with the failed rules first and in JUnit, and leaves evidence of it', async () => {
    const { verdict, report, evidenceDir } = await validateTiny({ gain: -1.2 });
    expect(verdict).toBe('fail');
    expect(explainVerdict(report)[2]).toMatch(/FAIL {2}nodules are told from false candidates: ROC AUC, lower bound/);
    expect(explainVerdict(report).at(-1)).toMatch(/^FAIL: 4 of 5 rules failed/);
    expect(await readFile(join(evidenceDir, 'junit.xml'), 'utf8')).toMatch(
      /tests="7" failures="4" errors="0" skipped="2"/,
    );
    expect((await readEvidence(evidenceDir)).verdict).toBe('fail');
  });

  test('fails when it gives the same score to all', async () => {
    const { verdict, report } = await validateTiny({ gain: 0 });
    expect(verdict).toBe('fail');
    expect(report.figures['auc']!.value).toBe(0.5);
    expect(report.operatingPoint.threshold).toBe(2);
    expect(report.discrimination.confusion).toMatchObject({ truePositives: 0, falsePositives: 0 });
  });

  test('fails when its scores are shifted, though the order is right', async () => {
    const { report } = await validateTiny({ bias: 6 });
    expect(report.rules.filter(({ outcome }) => outcome === 'fail').map(({ metric }) => metric)).toEqual(['ece']);
  });

  test('fails when a golden case gives another answer', async () => {
    const { report } = await validateTiny({ goldenShift: 0.001 });
    expect(report.rules.filter(({ outcome }) => outcome === 'fail').map(({ metric }) => metric)).toEqual([
      'goldenCaseDifference',
    ]);
    expect(report.figures['goldenCaseDifference']!.value).toBeCloseTo(0.001, 5);
  });
});

describe('the gate refuses, by name and without evidence,', () => {
  const heldOut = () => patientRefs(dataset.manifest, [HOLDOUT[2]!])[0]!;
  const trainedOn = (extra: Lineage['split']['train']) => (lineage: Lineage) => ({
    ...lineage,
    split: { ...lineage.split, train: [...lineage.split.train, ...extra] },
  });

  test('a patient of the holdout in training, with the digest of the series', async () => {
    const error = await refusalOf(validateTiny({ lineage: trainedOn([heldOut()]) }));
    expect(error.code).toBe('VALIDATION_LEAK');
    expect(error.message).toContain(heldOut().series[0]);
    expect(error.message).not.toContain(HOLDOUT[2]);
  });

  test('another scan of a held-out patient in training', async () => {
    const error = await refusalOf(
      validateTiny({ lineage: trainedOn([{ patient: heldOut().patient, series: [sha256('another scan')] }]) }),
    );
    expect(error).toMatchObject({ code: 'VALIDATION_LEAK' });
    expect(error.message).toContain(heldOut().series[0]);
  });

  test('a scan of the holdout that was trained on under another name', async () => {
    const copy = { patient: sha256('someone else'), series: heldOut().series };
    const error = await refusalOf(validateTiny({ lineage: trainedOn([copy]) }));
    expect(error).toMatchObject({ code: 'VALIDATION_LEAK' });
    expect(error.message).toContain(heldOut().series[0]);
  });

  test('a leak that is there only in the split that training watched', async () => {
    const lineage = (own: Lineage) => ({
      ...own,
      split: { ...own.split, validation: [...own.split.validation, heldOut()] },
    });
    expect(await refusalOf(validateTiny({ lineage }))).toMatchObject({ code: 'VALIDATION_LEAK' });
  });

  test('a holdout of which one voxel changed', async () => {
    const dir = join(world, 'changed');
    await cp(dataset.dir, dir, { recursive: true });
    const volume = await dataset.volume('1.2.840.3');
    volume.hu[0]! += 1;
    await writeMetaImage(join(dir, 'subset0', '1.2.840.3.mhd'), volume);
    const changed = await openLuna16(dir);
    expect(await refusalOf(validateTiny({}, { dataset: changed }))).toMatchObject({
      code: 'VALIDATION_HOLDOUT_MISMATCH',
    });
  });

  test('a dataset that lacks a patient of the holdout, without naming the patient', async () => {
    const dir = join(world, 'lacking');
    await cp(dataset.dir, dir, { recursive: true });
    await rm(join(dir, 'subset0', '1.2.840.1.mhd'));
    const error = await refusalOf(validateTiny({}, { dataset: await openLuna16(dir) }));
    expect(error.code).toBe('VALIDATION_HOLDOUT_UNKNOWN_PATIENT');
    expect(error.message).toMatch(/lacks 1 of the 5 patients/);
  });

  test('a validation split that is not the one of the training', async () => {
    const [moved, ...validation] = split.validation;
    const other = { ...split, train: [...split.train, moved!], validation };
    expect(await refusalOf(validateTiny({}, { split: other }))).toMatchObject({ code: 'VALIDATION_SPLIT_MISMATCH' });
  });

  test('a graph whose input has another name than the signature says', async () => {
    const error = await refusalOf(
      validateTiny({ signature: (s) => ({ ...s, inputs: [{ ...s.inputs[0]!, name: 'volume' }] }) }),
    );
    expect(error).toMatchObject({ code: 'VALIDATION_CONTRACT_BROKEN' });
    expect(error.message).toContain('input volume is missing, the graph has patch');
  });

  test('a graph whose output has another shape than the signature says', async () => {
    const error = await refusalOf(
      validateTiny({
        signature: (s) => ({ ...s, outputs: s.outputs.map((output) => ({ ...output, shape: [-1, 3] })) }),
      }),
    );
    expect(error.message).toContain('output logits is [N, 2], [-1, 3] promised');
  });

  test('a model of another name is refused: the suite was made for another question', async () => {
    const signature = (own: Signature) => ({ ...own, name: 'malignancy-classifier' });
    expect(await refusalOf(validateTiny({ signature }))).toMatchObject({ code: 'VALIDATION_OTHER_MODEL' });
  });

  test('a model whose classes are not those of the dataset, in their order, is refused', async () => {
    for (const labels of [
      ['benign', 'malignant'],
      ['nodule', 'non-nodule'],
    ] as const) {
      const signature = (own: Signature) => ({ ...own, labels: [...labels], positiveLabel: labels[1] });
      expect(await refusalOf(validateTiny({ signature }))).toMatchObject({ code: 'VALIDATION_OTHER_LABELS' });
    }
  });

  test('a bundle without golden cases', async () => {
    expect(await refusalOf(validateTiny({ golden: false }))).toMatchObject({ code: 'VALIDATION_NO_GOLDEN_CASES' });
  });

  test('a model with an infinite weight, by the name of its tensor', async () => {
    expect(await refusalOf(validateTiny({ bias: Infinity }))).toMatchObject({
      code: 'VALIDATION_WEIGHTS_NOT_FINITE',
      details: { tensor: 'bias' },
    });
  });

  test('a model whose weights are finite and whose scores are not', async () => {
    expect(await refusalOf(validateTiny({ gain: -1e38 }))).toMatchObject({ code: 'VALIDATION_SCORE_NOT_FINITE' });
  });
});

describe('a suite file', () => {
  test('keeps its comments when frozen, and pins the patients in order', async () => {
    const path = join(world, 'frozen.yaml');
    const { holdoutDigest } = await freezeTinySuite(dataset, path);
    expect(await readFile(path, 'utf8')).toContain('# The criterion that the study was planned for.');
    const { holdout } = await readSuite(path);
    expect(holdout).toEqual({ dataset: dataset.manifest.name, digest: holdoutDigest, patients: HOLDOUT });
  });

  test('has a digest that comments do not change and a threshold does', async () => {
    const text = await readFile(suitePath, 'utf8');
    const digestOf = async (changed: string) => {
      const path = join(world, 'changed.yaml');
      await writeFile(path, changed);
      return suiteDigest(await readSuite(path));
    };
    const digest = await digestOf(text);
    expect(await digestOf(`# a remark\n${text}`)).toBe(digest);
    expect(await digestOf(text.replace('threshold: 0.8', 'threshold: 0.7'))).not.toBe(digest);
  });

  test.each([
    ['on: lower', 'on: upper', /primary\.on: must be the pessimistic bound/],
    ['[sensitivityAtSpecificity, ece]', '[ece, ece]', /secondary: a name stands twice/],
    ['resamples: 2000', 'resamples: 2000\n  confidence: 0.9', /bootstrap.*confidence/],
    ['specificity: 0.9', 'specificity: 90', /operatingPoint\.specificity/],
  ])('with %p turned into %p is refused with the field by name', async (from, to, problem) => {
    const path = join(world, 'wrong.yaml');
    await writeFile(path, (await readFile(suitePath, 'utf8')).replace(from, to));
    const error = await readSuite(path).then(
      () => undefined,
      (reason: unknown) => reason as CodedError,
    );
    expect(error?.code).toBe('VALIDATION_SUITE_INVALID');
    expect(error?.message).toMatch(problem);
  });

  test('that is not there, or not YAML, is refused by name', async () => {
    await expect(readSuite(join(world, 'none.yaml'))).rejects.toMatchObject({ code: 'VALIDATION_SUITE_MISSING' });
    await writeFile(join(world, 'broken.yaml'), 'name: [unclosed');
    await expect(readSuite(join(world, 'broken.yaml'))).rejects.toMatchObject({ code: 'VALIDATION_SUITE_INVALID' });
  });

  test('cannot be frozen on a patient that the dataset lacks', async () => {
    const patients = ['patient-0', 'nobody'];
    const frozen = freezeSuite({ templatePath: TEMPLATE, manifest: dataset.manifest, patients, suitePath: 'unused' });
    await expect(frozen).rejects.toMatchObject({ code: 'VALIDATION_HOLDOUT_UNKNOWN_PATIENT' });
  });
});

describeWithSharedData('the network of others, trained on the real LUNA16,', (dataDir) => {
  test('gives PyTorch’s answers for six patches of a real CT as its golden cases', async () => {
    const bundleDir = join(world, 'luna-bundle');
    await writeLunaBundle(bundleDir, dataset, split, dataDir);
    const { report } = await validate({
      bundleDir,
      suitePath,
      dataset,
      split,
      evidenceDir: join(world, 'luna-evidence'),
      keyDir: join(world, 'key'),
    });
    expect(report.figures['goldenCaseDifference']!.n).toBe(6);
    expect(report.figures['goldenCaseDifference']!.value).toBeLessThan(1e-4);
  });
});
