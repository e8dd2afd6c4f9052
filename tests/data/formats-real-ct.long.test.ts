import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readVolume, writeVolume } from '../../datasets';
import { describeWithPython, describeWithSharedData } from '../present';

const names = ['ct.mhd', 'ct.mha', 'ct.nii', 'ct.nrrd', 'packed.mha', 'packed.nii.gz', 'packed.nrrd'];

describeWithSharedData('the real chest CT', (dataDir) => {
  describeWithPython(['SimpleITK', 'nibabel', 'numpy'], 'through every format', (python) => {
    test('stays the same to the voxel and the bit of its place, for us and for SimpleITK and nibabel', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'real-ct-'));
      const ct = await readVolume(join(dataDir, 'ct-lung-dicom.zip'));
      expect(ct).toMatchObject({ size: [99, 512, 512], spacingXyz: [0.564453125, 0.564453125, 3] });
      for (const name of names) {
        await writeVolume(join(folder, name), ct, { compressed: /^packed\.(mha|nrrd)$/.test(name) });
        const { hu, ...place } = await readVolume(join(folder, name));
        expect(Buffer.compare(Buffer.from(hu.buffer), Buffer.from(ct.hu.buffer))).toBe(0);
        expect(place).toEqual({ ...ct, hu: undefined });
      }
      const script = join(__dirname, 'formats_peers.py');
      const peers = JSON.parse(
        execFileSync(python, [script, 'read', folder], { stdio: ['ignore', 'pipe', 'ignore'] }).toString(),
      ) as object[];
      const sha256 = createHash('sha256')
        .update(new Uint8Array(Float64Array.from(ct.hu).buffer))
        .digest('hex');
      expect(peers).toHaveLength(names.length + 2);
      for (const peer of peers) {
        expect(peer).toMatchObject({ size: ct.size, spacing: ct.spacingXyz, origin: ct.originXyz, sha256 });
      }
      await rm(folder, { recursive: true });
    });
  });
});
