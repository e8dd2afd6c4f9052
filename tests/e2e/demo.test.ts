import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from 'seeded-random';
import { parse } from 'yaml';
import { openLuna16 } from '../../datasets';
import { repoRoot } from '../present';
import { lungate, newHome, type Outcome } from './lungate';

jest.setTimeout(15 * 60_000);

const STAGES = ['data', 'split', 'train', 'validate', 'register', 'deploy', 'classify'];
const DEMO = ['experiment=demo'];
const SUITE = join(repoRoot, 'configs/suite/nodule-classifier.yaml');
const POLICY = join(repoRoot, 'configs/gate/nodule-classifier.yaml');

let home: string;
let dataset: string;
let demo: Outcome;

beforeAll(async () => {
  home = await newHome();
  dataset = join(home, 'data', 'phantom-20-42');
  demo = await lungate(home, 'pipeline', 'run', ...DEMO, '--detach');
});

afterAll(async () => {
  await lungate(home, 'stop');
  await rm(home, { recursive: true, force: true });
});

test('the demo goes from nothing to a served model', () => {
  expect(demo).toMatchObject({ code: 0 });
  for (const stage of STAGES) expect(demo.stderr).toMatch(new RegExp(`✔ ${stage} `));
  expect(demo.stdout).toMatch(/^model +nodule-classifier@1\.0\.0 +sha256:[0-9a-f]{64}$/m);
  expect(demo.stderr).toMatch(/a held-out nodule: nodule-classifier@1\.0\.0 says nodule/);
});

test('the endpoint answers afterwards with the registered version', async () => {
  const url = /^endpoint +(\S+)$/m.exec(demo.stdout)![1]!;
  const patch = {
    name: 'patch',
    shape: [1, 1, 32, 48, 48],
    datatype: 'FP32',
    data: new Array<number>(73_728).fill(-850),
  };
  const reply = await fetch(`${url}/v2/models/nodule-classifier/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: [patch] }),
  });
  expect(await reply.json()).toMatchObject({ model_name: 'nodule-classifier', model_version: '1.0.0' });
});

test('a second run recognises every finished stage, and the registry verifies', async () => {
  const again = await lungate(home, 'pipeline', 'run', ...DEMO, '--detach');
  expect(again).toMatchObject({ code: 0 });
  const skipped = again.stderr.split('\n').filter((line) => line.includes('(done before)'));
  expect(skipped.map((line) => line.split(/\s+/)[1])).toEqual(['data', 'split', 'train', 'validate', 'register']);
  expect(await lungate(home, 'registry', 'verify')).toMatchObject({ code: 0 });
});

test('a stricter policy under the same name is a new question: the stages that ask it run again, and the gate refuses', async () => {
  const strict = join(home, 'strict.yaml');
  await cp(POLICY, strict);
  const args = [...DEMO, `gate.file=${strict}`];
  expect(await lungate(home, 'pipeline', 'run', ...args)).toMatchObject({ code: 0 });
  await writeFile(strict, (await readFile(POLICY, 'utf8')).replace('threshold: 0.88', 'threshold: 0.999'));
  const outcome = await lungate(home, 'pipeline', 'run', ...args);
  expect(outcome).toMatchObject({ code: 3 });
  expect(lastLines(outcome)).toMatch(/GATE_REFUSED[\s\S]*discrimination is high/);
});

test('a model trained on shuffled labels is refused by the gate, and nothing is registered', async () => {
  const shuffled = join(home, 'shuffled');
  await cp(dataset, shuffled, { recursive: true });
  await shuffleTrainingLabels(shuffled);
  const args = [...DEMO, 'dataset=luna16', `dataset.dir=${shuffled}`, 'trainer.max_epochs=4'];
  const outcome = await lungate(home, 'pipeline', 'run', ...args);
  expect(outcome).toMatchObject({ code: 3 });
  expect(lastLines(outcome)).toMatch(/GATE_REFUSED/);
  expect(lastLines(outcome)).toMatch(/discrimination is high/);
  const { stdout } = await lungate(home, 'registry', 'versions', 'nodule-classifier');
  expect(stdout.trim().split('\n')).toHaveLength(1);
});

test('a holdout patient in training is refused before training, with the digest of the scan', async () => {
  const leaked = (await suitePatients())[0]!;
  const split = await leakySplit(leaked);
  const outcome = await lungate(home, 'pipeline', 'run', ...DEMO, `split.file=${split}`);
  expect(outcome).toMatchObject({ code: 3 });
  expect(lastLines(outcome)).toContain('VALIDATION_LEAK');
  expect(lastLines(outcome)).toContain(await seriesDigestOf(leaked));
  expect(lastLines(outcome)).not.toContain(leaked);
});

test('a holdout patient in training is refused by the gate too, whatever suite the training knew', async () => {
  const other = join(home, 'other-suite.yaml');
  expect(await lungate(home, 'suite', 'freeze', SUITE, other, ...DEMO, 'seed=7')).toMatchObject({ code: 0 });
  const args = [...DEMO, `suite.file=${other}`, 'trainer.max_epochs=1', 'model=luna-small'];
  const trained = await lungate(home, 'train', ...args);
  expect(trained).toMatchObject({ code: 0 });
  const bundle = trained.stdout.trim();
  const outcome = await lungate(home, 'validate', bundle, ...DEMO, '--evidence', join(home, 'leaky'));
  expect(outcome).toMatchObject({ code: 3 });
  expect(lastLines(outcome)).toMatch(/VALIDATION_LEAK.*sha256:[0-9a-f]{64}/s);
});

function lastLines({ stderr }: Outcome): string {
  return stderr.trim().split('\n').slice(-15).join('\n');
}

async function suitePatients(): Promise<string[]> {
  return (parse(await readFile(SUITE, 'utf8')) as { holdout: { patients: string[] } }).holdout.patients;
}

async function csvRows(file: string): Promise<string[][]> {
  return (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => line.split(','));
}

async function seriesOf(patient: string): Promise<string> {
  return (await csvRows(join(dataset, 'patients.csv'))).find(([, id]) => id === patient)![0]!;
}

async function seriesDigestOf(patient: string): Promise<string> {
  const uid = await seriesOf(patient);
  return (await openLuna16(dataset)).manifest.series.find(({ seriesUid }) => seriesUid === uid)!.digest;
}

/** Deals the classes of all candidates outside the holdout anew. */
async function shuffleTrainingLabels(dir: string): Promise<void> {
  const file = join(dir, 'candidates_V2.csv');
  const held = new Set(await Promise.all((await suitePatients()).map(seriesOf)));
  const heldOf = await csvRows(join(dir, 'patients.csv'));
  const heldPatients = new Set(heldOf.filter(([uid]) => held.has(uid!)).map(([, patient]) => patient));
  const heldSeries = new Set(heldOf.filter(([, patient]) => heldPatients.has(patient)).map(([uid]) => uid));
  const [header, ...rows] = await csvRows(file);
  const trained = rows.filter(([uid]) => !heldSeries.has(uid));
  const classes = seededRandom(1).shuffle(trained.map((row) => row[4]!));
  trained.forEach((row, index) => (row[4] = classes[index]!));
  await writeFile(file, [header!, ...rows].map((row) => row.join(',')).join('\n'));
}

/** The demo's own split with one patient of the holdout moved to the training side. */
async function leakySplit(patient: string): Promise<string> {
  const all = [...new Set((await csvRows(join(dataset, 'patients.csv'))).slice(1).map(([, id]) => id!))];
  const held = await suitePatients();
  const free = all.filter((id) => !held.includes(id));
  const split = {
    train: [...free.slice(3), patient],
    validation: free.slice(0, 3),
    test: held.filter((id) => id !== patient),
  };
  await mkdir(join(home, 'splits'), { recursive: true });
  const file = join(home, 'splits', 'leaky.json');
  await writeFile(file, JSON.stringify(split));
  return file;
}
