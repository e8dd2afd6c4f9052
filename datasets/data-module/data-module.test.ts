import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDataset } from '../../tests/data/made-dataset';
import type { AugmentationConfig } from '../augmentation';
import { openPatchCache } from '../patch-cache';
import { LUNA_PATCH, type PatchContract, extractPatch, voxelsOf } from '../patches';
import { type Batch, type DataModule, type DataModuleOptions, openDataModule } from '.';

const CONTRACT: PatchContract = { ...LUNA_PATCH, patchSize: [4, 6, 6] };
const VOXELS = voxelsOf(CONTRACT);
const VARIED: AugmentationConfig = { flip: true, shift: 0.1, scale: 0.2, zoom: 0.1, rotate: true, tilt: 10, noise: 25 };

let world: string;
let dataset: Awaited<ReturnType<typeof makeDataset>>;
const split = { train: ['patient-0', 'patient-1'], validation: ['patient-2'], test: ['patient-3'] };
const modules: DataModule[] = [];
beforeAll(async () => {
  world = await mkdtemp(join(tmpdir(), 'data-module-'));
  dataset = await makeDataset(join(world, 'data'), { scans: 4, perScan: 11 });
});
afterEach(async () => {
  await Promise.all(modules.splice(0).map(({ close }) => close()));
});
afterAll(() => rm(world, { recursive: true, force: true }));

async function opened(changes: Partial<DataModuleOptions> = {}): Promise<DataModule> {
  const cacheDir = join(world, 'patches');
  const options = { dataset, split, cacheDir, contract: CONTRACT, seed: 7, batchSize: 4, workers: 0 };
  const data = await openDataModule({ ...options, ...changes });
  modules.push(data);
  return data;
}

async function all(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const gathered: Batch[] = [];
  for await (const batch of batches) gathered.push(batch);
  return gathered;
}
const bytes = (batches: Batch[]) => Buffer.concat(batches.map(({ x }) => Buffer.from(x.buffer)));

test('a training batch holds the patches and labels of its indices', async () => {
  const data = await opened({ sampler: { name: 'plain' } });
  const batches = await all(data.trainBatches(0));
  expect(batches.map(({ y }) => y.length)).toEqual([4, 4, 4, 4, 4, 2]);
  expect(data.batchesPerEpoch).toBe(6);
  for (const { x, y, indices } of batches) {
    expect(x).toHaveLength(indices.length * VOXELS);
    for (const [row, index] of indices.entries()) {
      const { seriesUid, xyz, label } = data.candidates.train[index]!;
      const patch = extractPatch(await dataset.volume(seriesUid), xyz, CONTRACT);
      expect(x.subarray(row * VOXELS, (row + 1) * VOXELS)).toEqual(patch.map(Math.round));
      expect(y[row]).toBe(label);
    }
  }
});

test('batches alternate the classes unless another sampler is asked for', async () => {
  const batches = await all((await opened()).trainBatches(0));
  expect(batches.map(({ y }) => [...y])).toEqual(Array.from({ length: 6 }, () => [1, 0, 1, 0]));
});

test('the same seed and epoch give the same bits, whatever the threads, the batch size and what came before', async () => {
  const changes = { augmentation: VARIED };
  const reference = bytes(await all((await opened(changes)).trainBatches(3)));
  const threaded = await opened({ ...changes, workers: 2 });
  await all(threaded.trainBatches(0));
  await threaded.trainBatches(1).next();
  expect(bytes(await all(threaded.trainBatches(3))).equals(reference)).toBe(true);
  expect(
    bytes(await all((await opened({ ...changes, workers: 1, batchSize: 8 })).trainBatches(3))).equals(reference),
  ).toBe(true);
  expect(bytes(await all(threaded.trainBatches(4))).equals(reference)).toBe(false);
  expect(bytes(await all((await opened({ ...changes, seed: 8 })).trainBatches(3))).equals(reference)).toBe(false);
  expect(bytes(await all((await opened()).trainBatches(3))).equals(reference)).toBe(false);
}, 90_000);

test('an epoch that was interrupted goes on with the batches that it would have had', async () => {
  const data = await opened({ augmentation: VARIED, workers: 1 });
  const whole = await all(data.trainBatches(2));
  expect(await all(data.trainBatches(2, { from: 4 }))).toEqual(whole.slice(4));
});

test('validation and test show every patch once, in order, in batches of one size', async () => {
  const data = await opened({ workers: 1 });
  for (const [part, batches] of [
    ['validation', await all(data.validationBatches())],
    ['test', await all(data.testBatches())],
  ] as const) {
    expect(batches.flatMap(({ indices }) => [...indices])).toEqual([...data.candidates[part].keys()]);
    expect(batches.flatMap(({ y }) => [...y])).toEqual(data.candidates[part].map(({ label }) => label));
    expect(batches.map(({ x }) => x.length)).toEqual([4, 4, 4].map((rows) => rows * VOXELS));
    expect(batches[2]!.x.subarray(3 * VOXELS).every((value) => value === 0)).toBe(true);
  }
  expect(await data.patch('validation', 1)).toEqual(
    Int16Array.from(extractPatch(await dataset.volume('scan-2'), data.candidates.validation[1]!.xyz, CONTRACT)),
  );
});

test('a batch stays as it is while others are made, unless its memory was offered', async () => {
  const data = await opened({ workers: 1 });
  const kept = await all(data.trainBatches(0));
  expect(kept.every(({ x }) => x.length === 4 * VOXELS)).toBe(true);
  const offered = await all(data.trainBatches(0, { reuse: true }));
  expect(offered.slice(0, 2).map(({ x }) => x.length)).toEqual([0, 0]);

  const seen: Buffer[] = [];
  for await (const { x } of data.trainBatches(0, { reuse: true })) seen.push(Buffer.from(x.slice().buffer));
  expect(Buffer.concat(seen).equals(bytes(kept))).toBe(true);
});

test('damage that a batch meets is mended, and the batch is as it would have been', async () => {
  const cacheDir = join(world, 'damaged');
  const reference = bytes(await all((await opened()).trainBatches(0)));
  const { layout } = await openPatchCache(dataset, dataset.manifest.candidates, {
    cacheDir,
    contract: CONTRACT,
    workers: 0,
  });
  for (const file of layout.files) {
    const handle = await open(file, 'r+');
    await handle.write(Uint8Array.of(1, 2, 3), 0, 3, 128 + 5 * 2 * VOXELS);
    await handle.close();
  }
  const data = await opened({ cacheDir, workers: 2 });
  expect(bytes(await all(data.trainBatches(0))).equals(reference)).toBe(true);
});

test('the waiting for training batches is measured', async () => {
  const data = await opened();
  expect(data.waitSeconds()).toBe(0);
  await all(data.validationBatches());
  expect(data.waitSeconds()).toBe(0);
  await all(data.trainBatches(0));
  expect(data.waitSeconds()).toBeGreaterThan(0);
});

test('memory that cannot hold the batches made ahead is refused, with how much is needed', async () => {
  await expect(opened({ contract: LUNA_PATCH, batchSize: 64, memoryMb: 32 })).rejects.toMatchObject({
    code: 'DATA_MEMORY_TOO_SMALL',
    details: { needed: 54 },
  });
});
