import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

test('cutting and training take memory by the setting, not by the dataset', () => {
  const world = mkdtempSync(join(tmpdir(), 'bounded-memory-'));
  try {
    const script = join(__dirname, 'bounded-memory-process.ts');
    const options = JSON.stringify({ perScan: 1600, memoryMb: 96 });
    const args = ['--require', 'tsx/cjs', script, join(world, 'data'), join(world, 'patches'), options];
    const said = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Record<string, number>;
    // 6,400 patches are 900 MiB in the cache and 1,800 MiB as they go to the engine, twice over.
    expect(said).toMatchObject({ patches: 12_800 });
    // Two threads and the code that they load take their share; none of it grows with the dataset.
    expect(said['cutting']).toBeLessThan(220);
    expect(said['training']).toBeLessThan(220);
  } finally {
    rmSync(world, { recursive: true, force: true });
  }
}, 300_000);
