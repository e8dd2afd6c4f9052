import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePatch, readGoldenCases, type Bundle } from 'model-bundle';
import { validate, type Report } from '../../services/validation';
import { occlude, occlusionGrid } from '../../services/validation/explanations';
import { openModelPool } from '../../services/validation/scoring';
import { freezeTinySuite, splitTinyDataset, writeTinyBundle, writeTinyDataset } from './world';

let world: string;
let bundle: Bundle;
let report: Report;
const progress: [done: number, total: number][] = [];

beforeAll(async () => {
  world = await mkdtemp(join(tmpdir(), 'explanations-'));
  const dataset = await writeTinyDataset(join(world, 'data'));
  const split = splitTinyDataset(dataset);
  const suitePath = join(world, 'suite.yaml');
  await freezeTinySuite(dataset, suitePath, ['explanations', 'determinism']);
  bundle = await writeTinyBundle(join(world, 'bundle'), dataset, split);
  const onProgress = (done: number, total: number) => progress.push([done, total]);
  const options = { bundleDir: bundle.dir, suitePath, dataset, split, keyDir: join(world, 'key'), onProgress };
  report = (await validate({ ...options, evidenceDir: join(world, 'evidence') })).report;
});
afterAll(() => rm(world, { recursive: true, force: true }));

test('covering a block changes the log-odds by what the model makes of the voxels it lost', async () => {
  const [{ patch: encoded } = { patch: '' }] = await readGoldenCases(bundle);
  const patch = Int16Array.from(decodePatch(encoded));
  const grid = occlusionGrid([32, 48, 48]);
  const pool = await openModelPool(bundle);
  const { logOddsDrop, dropAtCentre } = await occlude(pool, bundle.signature, patch, grid);
  await pool.close();

  // The model's logit is 1.2 · (mean of the 4×4×4 voxels in the middle + 325) / 100.
  const logitWithout = (row: number, column: number): number => {
    let sum = 0;
    for (let s = 14; s < 18; s++) {
      for (let r = 22; r < 26; r++) {
        for (let c = 22; c < 26; c++) {
          const isCovered = r >= row && r < row + 8 && c >= column && c < column + 8;
          sum += isCovered ? -850 : patch[(s * 48 + r) * 48 + c]!;
        }
      }
    }
    return (1.2 * (sum / 64 + 325)) / 100;
  };
  const whole = logitWithout(-8, -8);
  const expected = grid.rows.flatMap((row) => grid.columns.map((column) => whole - logitWithout(row, column)));
  expect(expected.filter((drop) => drop !== 0)).toHaveLength(1);
  for (const [at, drop] of expected.entries()) expect(logOddsDrop[at]).toBeCloseTo(drop, 4);
  const probability = (logit: number) => 1 / (1 + Math.exp(-logit));
  expect(dropAtCentre).toBeCloseTo(probability(whole) - probability(logitWithout(20, 20)), 5);
});

test('a model that looks at the middle has its peak there in every case, right or wrong', () => {
  const cases = report.explanations!.cases;
  expect(cases).toHaveLength(4);
  expect(new Set(cases.map(({ correct }) => correct))).toEqual(new Set([true, false]));
  expect(new Set(cases.map(({ label }) => label))).toEqual(new Set(['nodule', 'non-nodule']));
  for (const { peakDistanceMm } of cases) expect(peakDistanceMm).toBe(0);
});

test('the report shows a picture of each explained case and names no patient', async () => {
  const html = await readFile(join(world, 'evidence', 'report.html'), 'utf8');
  for (const { id } of report.explanations!.cases) expect(html).toContain(id);
  // 192 pixels wide, as IHDR of a colour PNG says: 00 00 00 c0, 00 00 00 c0, 08 02.
  const pictures = [...html.matchAll(/data:image\/png;base64,([A-Za-z0-9+/=]+)/g)].map(([, data]) =>
    Buffer.from(data!, 'base64').subarray(16, 26).toString('hex'),
  );
  expect(pictures.filter((header) => header === '000000c0000000c00802')).toHaveLength(4);
  expect(html).not.toMatch(/patient-\d|1\.2\.840/);
});

test('progress knows all patches before the first, and ends with the last', () => {
  const totals = new Set(progress.map(([, total]) => total));
  expect(totals.size).toBe(1);
  expect(progress.at(-1)![0]).toBe([...totals][0]);
});
