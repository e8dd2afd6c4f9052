import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, open, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDataset } from '../../tests/data/made-dataset';
import type { Candidate, Dataset } from '../manifest';
import { LUNA_PATCH, type PatchContract, extractPatch, voxelsOf } from '../patches';
import { type PatchCache, openPatchCache, openPatchReader } from '.';

const CONTRACT: PatchContract = { ...LUNA_PATCH, patchSize: [4, 6, 6] };
const VOXELS = voxelsOf(CONTRACT);
const MB = 2 ** 20;

let world: string;
let dataset: Awaited<ReturnType<typeof makeDataset>>;
let cacheDir: string;
beforeAll(async () => {
  world = await mkdtemp(join(tmpdir(), 'patch-cache-'));
  dataset = await makeDataset(join(world, 'data'), { scans: 3, perScan: 70 });
});
beforeEach(async () => {
  dataset.reads.length = 0;
  cacheDir = await mkdtemp(join(world, 'cache-'));
});
afterAll(() => rm(world, { recursive: true, force: true }));

const all = () => dataset.manifest.candidates;
const openHere = (candidates: readonly Candidate[] = all(), changes: object = {}) =>
  openPatchCache(dataset, candidates, { cacheDir, contract: CONTRACT, workers: 0, ...changes });

async function expectPatches({ layout, candidates }: PatchCache, of: Dataset = dataset): Promise<void> {
  const reader = openPatchReader(layout, MB);
  const volumes = new Map<string, Awaited<ReturnType<Dataset['volume']>>>();
  for (const [index, { seriesUid, xyz }] of candidates.entries()) {
    const volume = volumes.get(seriesUid) ?? (await of.volume(seriesUid));
    volumes.set(seriesUid, volume);
    expect(reader.patch(index)).toEqual(Int16Array.from(extractPatch(volume, xyz, CONTRACT)));
  }
  reader.close();
}
const files = async (ending: string) => (await readdir(cacheDir)).filter((name) => name.endsWith(ending)).sort();

test('patches are those of their candidates, from one reading of each scan', async () => {
  const told: [number, number][] = [];
  const shuffled = all().toSorted((a, b) => a.id.length * 7 + a.xyz[0] - (b.id.length * 7 + b.xyz[0]));
  const cache = await openHere(shuffled, { onProgress: (done: number, total: number) => told.push([done, total]) });
  expect(dataset.reads.toSorted()).toEqual(['scan-0', 'scan-1', 'scan-2']);
  expect(told).toEqual([
    [0, 210],
    [70, 210],
    [140, 210],
    [210, 210],
  ]);
  expect([...cache.labels]).toEqual(shuffled.map(({ label }) => label));
  await expectPatches(cache);
});

test('threads cut the same bytes as this one, and the second time nothing is read', async () => {
  await openHere(all(), { workers: 2 });
  expect(dataset.reads).toEqual([]);
  const threaded = (await files('')).map((name) => readFileSync(join(cacheDir, name)));
  await expectPatches(await openHere());
  dataset.reads.length = 0;
  await openHere();
  expect(dataset.reads).toEqual([]);

  cacheDir = await mkdtemp(join(world, 'cache-'));
  await openHere();
  expect((await files('')).map((name) => readFileSync(join(cacheDir, name)))).toEqual(threaded);
});

test('scans that another split or dataset has cut are not cut again', async () => {
  await openHere(all().filter(({ seriesUid }) => seriesUid !== 'scan-1'));
  dataset.reads.length = 0;
  const relabelled = all().map((candidate) => ({ ...candidate, id: `other-${candidate.id}`, label: 1 as const }));
  await openHere(relabelled);
  expect(dataset.reads).toEqual(['scan-1']);
});

test('other places, another contract and another scan are other patches', async () => {
  await openHere();
  await openHere(all().slice(1));
  expect(dataset.reads).toHaveLength(4);
  await openHere(all(), { contract: { ...CONTRACT, clip: [-1000, 400] } });
  expect(dataset.reads).toHaveLength(7);
  const { manifest } = dataset;
  const series = manifest.series.map((entry) => ({ ...entry, digest: `${entry.digest}0` }));
  await openPatchCache({ ...dataset, manifest: { ...manifest, series } }, all(), {
    cacheDir,
    contract: CONTRACT,
    workers: 0,
  });
  expect(dataset.reads).toHaveLength(10);
});

test('the digest is over dataset, candidates, their order and the contract', async () => {
  const digests = [
    await openHere(),
    await openHere(all().slice(1)),
    await openHere(all().toReversed()),
    await openHere(all(), { contract: { ...CONTRACT, padding: -900 } }),
  ].map(({ digest }) => digest);
  expect(new Set(digests).size).toBe(4);
  expect((await openHere()).digest).toBe(digests[0]);
});

test.each<[string, string, (path: string) => Promise<void>]>([
  ['a file that is too short', '.npy', (path) => truncate(path, 1000)],
  ['a file that is gone', '.npy', (path) => rm(path)],
  ['a description that is none', '.json', (path) => writeFile(path, '{"format"')],
  [
    'a description of other patches',
    '.json',
    (path) => writeFile(path, '{"format":"lungate-patches/1","patches":1,"crc32":[1]}'),
  ],
])('%s is noticed when the cache is opened, and cut anew', async (_name, ending, spoil) => {
  await openHere();
  await spoil(join(cacheDir, (await files(ending))[1]!));
  dataset.reads.length = 0;
  const cache = await openHere();
  expect(dataset.reads).toHaveLength(1);
  await expectPatches(cache);
});

test('a changed byte is noticed when its patch is read, and mended in place', async () => {
  const cache = await openHere();
  const reader = openPatchReader(cache.layout, MB);
  const file = cache.layout.files[1]!;
  const handle = await open(file, 'r+');
  await handle.write(Uint8Array.of(99), 0, 1, 128 + 2 * VOXELS + 11);
  await handle.close();

  expect(reader.patch(70)).toHaveLength(VOXELS);
  expect(() => reader.patch(71)).toThrow(
    expect.objectContaining({ code: 'PATCH_CACHE_DAMAGED', details: { file, shard: 1 } }) as Error,
  );
  dataset.reads.length = 0;
  await Promise.all([cache.mend(1), cache.mend(1)]);
  expect(dataset.reads).toEqual(['scan-1']);
  expect(reader.patch(71)).toHaveLength(VOXELS);
  reader.close();
  await expectPatches(cache);
});

test('numpy would open a file: its header tells type, shape and where the values begin', async () => {
  await openHere();
  const bytes = readFileSync(join(cacheDir, (await files('.npy'))[0]!));
  expect(bytes.subarray(0, 8)).toEqual(Buffer.from('\x93NUMPY\x01\x00', 'latin1'));
  expect(bytes.readUInt16LE(8)).toBe(118);
  expect(bytes.subarray(10, 128).toString()).toMatch(
    /^\{'descr': '<i2', 'fortran_order': False, 'shape': \(70, 4, 6, 6\), \} +\n$/,
  );
  expect(bytes).toHaveLength(128 + 70 * VOXELS * 2);
});

test('a candidate outside its scan is named; the scans that were cut are kept, and nothing half-written', async () => {
  const bad = [...all(), { ...all()[0]!, id: 'bad', seriesUid: 'scan-2', xyz: [0, 0, 999] as const }] as Candidate[];
  await expect(openHere(bad)).rejects.toThrow(/^candidate bad at .* lies outside its scan/);
  await expect(openHere(bad, { workers: 2 })).rejects.toMatchObject({ code: 'CANDIDATE_OUTSIDE_SCAN', status: 422 });
  expect((await files('')).map((name) => name.replace(/^[0-9a-f]{64}/, ''))).toEqual([
    '.json',
    '.npy',
    '.json',
    '.npy',
  ]);
});

test('an interruption ends it after the scan at hand, and the next call goes on from there', async () => {
  const stop = new AbortController();
  const onProgress = (done: number) => {
    if (done === 70) stop.abort();
  };
  await expect(openHere(all(), { signal: stop.signal, onProgress })).rejects.toMatchObject({
    code: 'PATCH_CACHE_INTERRUPTED',
    details: { done: 70, total: 210 },
  });
  dataset.reads.length = 0;
  await expectPatches(await openHere(), { ...dataset, volume: dataset.volume });
  expect(dataset.reads.slice(0, 2)).toEqual(['scan-1', 'scan-2']);
});

test('what a killed process left an hour ago is cleared away, not what another is writing now', async () => {
  for (const name of ['old.npy.1.tmp', 'new.npy.1.tmp']) writeFileSync(join(cacheDir, name), '');
  await utimes(join(cacheDir, 'old.npy.1.tmp'), 0, 0);
  await openHere();
  expect(await files('.tmp')).toEqual(['new.npy.1.tmp']);
});

test('a disk that cannot hold the patches is named before anything is cut', async () => {
  const huge: PatchContract = { ...CONTRACT, patchSize: [20_000, 20_000, 20_000] };
  await expect(openHere(all(), { contract: huge })).rejects.toMatchObject({ code: 'PATCH_CACHE_NO_SPACE' });
  expect(dataset.reads).toEqual([]);
});

test('mapped patches are given back when they take more than they may, and are read again as they were', async () => {
  const cache = await openHere();
  const [tight, wide] = [openPatchReader(cache.layout, 3 * 2 * VOXELS), openPatchReader(cache.layout, MB)];
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < all().length; index += 7) expect(tight.patch(index)).toEqual(wide.patch(index));
  }
  tight.close();
  wide.close();
});
