import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestFile } from 'durable-files';
import { readMetaImage } from '../formats/metaimage';
import { generatePhantom } from '.';

let folder: string;
let whole: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phantom-'));
  await generatePhantom(join(folder, 'whole'), { seed: 7, scans: 2 });
  whole = await digests(join(folder, 'whole'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('a seed writes scans, tables and a marker in the layout of LUNA16', async () => {
  const names = Object.keys(whole);
  expect(names.filter((name) => !name.startsWith('subset'))).toEqual([
    'PHANTOM.json',
    'annotations.csv',
    'annotations_with_malignancy.csv',
    'candidates_V2.csv',
    'growth.csv',
    'nodules.csv',
    'patients.csv',
    'series.csv',
  ]);
  expect(names.filter((name) => /^subset[01]\/2\.25\.\d+\.(mhd|raw)$/.test(name))).toHaveLength(4);
  const scan = await readMetaImage(
    join(
      folder,
      'whole',
      names.find((name) => name.endsWith('.mhd'))!,
    ),
  );
  expect(scan.hu).toBeInstanceOf(Int16Array);
  const candidates = (await readFile(join(folder, 'whole', 'candidates_V2.csv'), 'utf8')).trim().split('\n').slice(1);
  expect(candidates.filter((row) => row.endsWith(',1')).length).toBeGreaterThanOrEqual(8);
  expect(candidates.filter((row) => row.endsWith(',0')).length).toBeGreaterThanOrEqual(40);
});

test('a run killed in the middle is no dataset, and goes on to the same bytes', async () => {
  const dir = join(folder, 'killed');
  const script = `require(${JSON.stringify(__dirname)}).generatePhantom(${JSON.stringify(dir)}, {
    seed: 7, scans: 2, onProgress: () => process.kill(process.pid, 'SIGKILL') })`;
  const child = spawn(process.execPath, ['--require', 'tsx/cjs', '-e', script]);
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  expect(await readdir(dir)).toContain('PHANTOM.unfinished.json');
  expect(await readdir(dir)).not.toContain('candidates_V2.csv');

  await generatePhantom(dir, { seed: 7, scans: 2 });
  expect(await digests(dir)).toEqual(whole);
});

test('a scan does not depend on how many others are made', async () => {
  const dir = join(folder, 'one');
  await generatePhantom(dir, { seed: 7, scans: 1 });
  const scan = Object.entries(await digests(dir)).filter(([name]) => name.startsWith('subset0'));
  expect(scan).toEqual(Object.entries(whole).filter(([name]) => name.startsWith('subset0')));
});

test('a finished dataset is recognised, and nobody else’s folder is written into', async () => {
  const progress: number[] = [];
  const dir = join(folder, 'whole');
  await generatePhantom(dir, { seed: 7, scans: 2, onProgress: (done) => progress.push(done) });
  expect(progress).toEqual([2]);
  await expect(generatePhantom(dir, { seed: 8, scans: 2 })).rejects.toMatchObject({ code: 'PHANTOM_FOLDER_TAKEN' });

  const other = join(folder, 'other');
  await mkdir(other);
  await writeFile(join(other, 'notes.txt'), 'mine');
  await expect(generatePhantom(other, { seed: 7, scans: 2 })).rejects.toMatchObject({ code: 'PHANTOM_FOLDER_TAKEN' });
  expect(await readdir(other)).toEqual(['notes.txt']);
});

test('a seed, a number of scans or a difficulty that means nothing is refused by name', async () => {
  const dir = join(folder, 'never');
  for (const seed of [-1, 1.5, NaN, 2 ** 32]) {
    await expect(generatePhantom(dir, { seed, scans: 1 })).rejects.toMatchObject({ code: 'PHANTOM_BAD_SEED' });
  }
  for (const scans of [0, -2, 1.5, NaN, 1e6]) {
    await expect(generatePhantom(dir, { seed: 1, scans })).rejects.toMatchObject({ code: 'PHANTOM_BAD_SCANS' });
  }
  for (const difficulty of [-0.1, 1.1, NaN]) {
    const wrong = generatePhantom(dir, { seed: 1, scans: 1, difficulty });
    await expect(wrong).rejects.toMatchObject({ code: 'PHANTOM_BAD_DIFFICULTY' });
  }
  expect(await readdir(folder)).not.toContain('never');
});

/** Digest of every file by its place in the dataset. */
async function digests(dir: string): Promise<Record<string, string>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const pairs = files.map(async (file) => [file.slice(dir.length + 1), await digestFile(file)] as const);
  return Object.fromEntries((await Promise.all(pairs)).sort(([a], [b]) => (a < b ? -1 : 1)));
}
