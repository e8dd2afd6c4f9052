import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LUNA_PATCH, type Dataset, openLuna16, openPatchCache } from '../../datasets';
import { describeWithPython, repoRoot } from '../present';
import { makeLuna16 } from './made-dataset';

let world: string;
let dir: string;
beforeAll(async () => {
  world = await mkdtemp(join(tmpdir(), 'cache-cli-'));
  dir = join(world, 'data');
  await makeLuna16(dir, { scans: 6, perScan: 40, size: [40, 120, 120] });
});
afterAll(() => rm(world, { recursive: true, force: true }));

interface Ended {
  status: number | null;
  signal: string | null;
  output: string;
}

/** Runs `lungate data cache`; `until` may kill it on the way. */
function cache(cacheDir: string, until?: (kill: () => void) => void, overrides: string[] = []): Promise<Ended> {
  const args = ['bin/lungate.mjs', 'data', 'cache', dir, `data.cache_dir=${cacheDir}`, ...overrides];
  const child = spawn(process.execPath, args, { cwd: repoRoot });
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output += text.toString()));
  until?.(() => child.kill('SIGKILL'));
  return new Promise((resolve) => {
    child.on('close', (status, signal) => {
      resolve({ status, signal, output });
    });
  });
}
const finished = async (cacheDir: string) =>
  (await readdir(cacheDir).catch(() => [])).filter((name) => name.endsWith('.json')).sort();

describe('lungate data cache', () => {
  test('killed at any moment it keeps the scans it had cut, and goes on with the others', async () => {
    const cacheDir = join(world, 'killed');
    const killed = await cache(cacheDir, (kill) => {
      const watch = setInterval(() => {
        void finished(cacheDir).then((files) => {
          if (files.length < 2) return;
          clearInterval(watch);
          kill();
        });
      }, 2);
    });
    expect(killed.signal).toBe('SIGKILL');
    const kept = await finished(cacheDir);
    expect(kept.length).toBeGreaterThanOrEqual(2);
    const times = await Promise.all(kept.map(async (name) => (await stat(join(cacheDir, name))).mtimeMs));

    const { status, output } = await cache(cacheDir);
    expect(output).toContain('240 patches of 32 × 48 × 48, 0.03 GiB');
    expect(status).toBe(0);
    expect(await finished(cacheDir)).toHaveLength(6);
    expect(await Promise.all(kept.map(async (name) => (await stat(join(cacheDir, name))).mtimeMs))).toEqual(times);
  });

  test('what it cut, training finds: nothing is cut again', async () => {
    const cacheDir = join(world, 'ahead');
    await cache(cacheDir);
    const dataset: Dataset = await openLuna16(dir);
    const noVolume = () => Promise.reject(new Error('a scan was read'));
    const { candidates } = dataset.manifest;
    const opened = await openPatchCache({ ...dataset, volume: noVolume }, candidates, { cacheDir, workers: 0 });
    expect(opened.contract).toEqual(LUNA_PATCH);
  });

  test('a wrong override is named, and nothing is begun', async () => {
    const { status, output } = await cache(join(world, 'wrong'), undefined, ['data.memory=1']);
    expect(status).toBe(2);
    expect(output).toContain('memory');
    expect(await finished(join(world, 'wrong'))).toEqual([]);
  });
});

describeWithPython(['numpy', 'SimpleITK'], 'a file of the cache', (python) => {
  test('is the array that numpy loads, and holds what SimpleITK crops from the scan', async () => {
    const cacheDir = join(world, 'numpy');
    const dataset = await openLuna16(dir);
    const { candidates, series } = dataset.manifest;
    const { layout } = await openPatchCache(dataset, candidates, { cacheDir, workers: 0 });
    const index = candidates.findIndex(({ seriesUid }) => seriesUid === series[2]!.seriesUid) + 5;
    const script = `
import sys, json, numpy, SimpleITK as sitk
file, place, scan, xyz = sys.argv[1], int(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])
patches = numpy.load(file, mmap_mode='r')
image = sitk.ReadImage(scan)
c, r, s = image.TransformPhysicalPointToIndex(xyz)
padded = numpy.pad(sitk.GetArrayFromImage(image), ((16, 16), (24, 24), (24, 24)), constant_values=-1000)
expected = numpy.clip(padded[s:s + 32, r:r + 48, c:c + 48], -1000, 1000)
print(patches.dtype, patches.shape, bool((patches[place] == expected).all()))
`;
    const [shard, place] = [layout.shardOf[index]!, layout.placeOf[index]!];
    const scan = join(dir, series[2]!.file);
    const args = ['-c', script, layout.files[shard]!, String(place), scan, JSON.stringify(candidates[index]!.xyz)];
    const child = spawn(python, args);
    let output = '';
    for await (const text of child.stdout) output += String(text);
    expect(output.trim()).toBe('int16 (40, 32, 48, 48) True');
    expect(await readFile(join(dir, 'candidates_V2.csv'), 'utf8')).toContain('coordX');
  });
});
