import { cp, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lungate, newHome, smallWorld } from './lungate';

jest.setTimeout(5 * 60_000);

let home: string;
let overrides: string[];
let intact: string;
let dataset: string;

beforeAll(async () => {
  home = await newHome();
  overrides = await smallWorld(home);
  intact = join(home, 'data', 'phantom-8-42');
});

beforeEach(async () => {
  dataset = join(await mkdtemp(join(tmpdir(), 'lungate-bad-')), 'data');
  await cp(intact, dataset, { recursive: true });
});

afterEach(() => rm(join(dataset, '..'), { recursive: true, force: true }));
afterAll(() => rm(home, { recursive: true, force: true }));

async function firstScan(): Promise<string> {
  const files = await readdir(dataset, { recursive: true });
  return join(dataset, files.filter((file) => file.endsWith('.mhd')).sort()[0]!);
}

/** A series that is not held out: a damaged holdout is refused before anything else is looked at. */
async function trainedSeries(): Promise<string> {
  const suite = await readFile(join(home, 'suite.yaml'), 'utf8');
  const rows = (await readFile(join(dataset, 'patients.csv'), 'utf8')).trim().split('\n').slice(1);
  return rows.map((row) => row.split(',')).find(([, patient]) => !suite.includes(patient!))![0]!;
}

async function edit(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, 'utf8')));
}

/** Trains on the damaged dataset, which must be refused with this code and leave no run and no patches behind. */
async function expectRefusal(code: string, ...details: RegExp[]): Promise<void> {
  const elsewhere = await newHome();
  const args = overrides.filter((override) => !override.startsWith('dataset.'));
  const outcome = await lungate(elsewhere, 'train', ...args, 'dataset=luna16', `dataset.dir=${dataset}`);
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toContain(`${code}: `);
  for (const detail of details) expect(outcome.stderr).toMatch(detail);
  const left = await readdir(elsewhere, { recursive: true });
  expect(left.filter((file) => /bundle|\.tmp$|safetensors/.test(file))).toEqual([]);
  await rm(elsewhere, { recursive: true, force: true });
}

test('a truncated .raw is named with the bytes that are missing', async () => {
  await truncate((await firstScan()).replace(/mhd$/, 'raw'), 1000);
  await expectRefusal('METAIMAGE_TRUNCATED', /1000/);
});

test('an .mhd whose size does not fit its voxels is named', async () => {
  await edit(await firstScan(), (header) => header.replace(/DimSize = (\d+)/, 'DimSize = 9999'));
  await expectRefusal('METAIMAGE_TRUNCATED');
});

test('a candidate outside its scan is named', async () => {
  const trained = await trainedSeries();
  await edit(join(dataset, 'candidates_V2.csv'), (csv) =>
    csv.replace(new RegExp(`\n${trained},[^,]+,`), `\n${trained},9999,`),
  );
  await expectRefusal('CANDIDATE_OUTSIDE_SCAN');
});

test('a CSV with a bad row is named by file and line', async () => {
  await edit(join(dataset, 'candidates_V2.csv'), (csv) => csv.replace(/\n([^,]+),[^,]+,/, '\n$1,here,'));
  await expectRefusal('CSV_BAD_ROW', /candidates_V2\.csv/, /line 2/);
});

test('an unknown config key is named with the nearest valid one', async () => {
  const outcome = await lungate(home, 'train', ...overrides, 'trainer.max_epoch=3');
  expect(outcome).toMatchObject({ code: 2 });
  expect(outcome.stderr).toMatch(/CONFIG_KEY_UNKNOWN.*max_epoch/);
  expect(outcome.stderr).toContain('trainer.max_epochs');
});
