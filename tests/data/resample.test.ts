import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from 'seeded-random';
import { extractPatch, LUNA_PATCH, type PatchContract, type Volume, voxelsOf, writeVolume } from '../../datasets';
import { ircToXyz } from '../../datasets/volume';
import { describeWithPython } from '../present';

describeWithPython(['SimpleITK', 'numpy'], 'A patch resampled to isotropic spacing', (python) => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'resample-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  test("has the values of SimpleITK's linear resampling on the same grid, to a thousandth of a Hounsfield unit", async () => {
    const random = seededRandom('resample');
    const size = [23, 31, 29] as const;
    const [sin, cos] = [Math.sin(0.3), Math.cos(0.3)];
    const volume: Volume = {
      hu: Int16Array.from({ length: 23 * 31 * 29 }, () => random.integer(4000) - 1000),
      size,
      spacingXyz: [0.71, 0.64, 1.9],
      originXyz: [-120.5, 33.25, -210],
      // Turned about z, and with its slices from head to feet.
      direction: [cos, sin, 0, -sin, cos, 0, 0, 0, -1],
    };
    await writeVolume(join(dir, 'scan.mhd'), volume);
    const jobs = [0.5, 1, 1.3, 2.5].flatMap((resampleMm) =>
      Array.from({ length: 5 }, () => {
        const place = size.map((voxels) => random.uniform() * (voxels - 1)) as [number, number, number];
        return { resampleMm, patchSize: [13, 20, 17] as [number, number, number], xyz: ircToXyz(place, volume) };
      }),
    );
    await writeFile(join(dir, 'jobs.json'), JSON.stringify(jobs));
    const out = join(dir, 'patches.f64');
    const ran = spawnSync(python, [join(__dirname, 'resample.py'), join(dir, 'scan.mhd'), join(dir, 'jobs.json'), out]);
    expect(ran.stderr.toString()).toBe('');
    const bytes = await readFile(out);
    const theirs = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));

    let worst = 0;
    let inside = 0;
    jobs.forEach(({ xyz, ...grid }, job) => {
      const contract: PatchContract = { ...LUNA_PATCH, ...grid, clip: [-32768, 32767] };
      extractPatch(volume, xyz, contract).forEach((hu, i) => {
        worst = Math.max(worst, Math.abs(hu - theirs[job * voxelsOf(contract) + i]!));
        if (hu !== -1000) inside++;
      });
    });
    expect(worst).toBeLessThan(1e-3);
    expect(inside).toBeGreaterThan(30_000);
  });
});
