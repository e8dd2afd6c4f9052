import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readVolume } from '../../datasets';
import { lungate } from '../e2e/lungate';
import { ctSlice, dicomFile } from './dicom-files';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'convert-'));
  await mkdir(join(home, 'ct'));
  for (const i of [0, 1, 2]) {
    const name = join(home, 'ct', `${i}.dcm`);
    await writeFile(name, dicomFile(ctSlice(i)));
  }
  await writeFile(join(home, 'ct', 'copy.dcm'), dicomFile(ctSlice(1)));
});

afterEach(async () => {
  await rm(home, { recursive: true });
});

test('lungate data convert writes a DICOM series as another format, and tells what it left out', async () => {
  const out = join(home, 'scan.mha');
  const { code, stdout, stderr } = await lungate(home, 'data', 'convert', join(home, 'ct'), out);
  expect(stderr).toContain('DUPLICATES_DROPPED: 1 exact copies');
  expect(stdout).toContain('6 × 4 × 3 voxels of 0.25 × 0.5 × 2 mm');
  expect(code).toBe(0);
  expect(await readVolume(out)).toEqual(await readVolume(join(home, 'ct')));
});

test('lungate data convert refuses a series with a hole, says where, and writes nothing', async () => {
  await writeFile(join(home, 'ct', '5.dcm'), dicomFile(ctSlice(5)));
  const out = join(home, 'scan.mha');
  const { code, stderr } = await lungate(home, 'data', 'convert', join(home, 'ct'), out);
  expect(code).toBe(1);
  expect(stderr).toContain('DICOM_MISSING_SLICES');
  expect(stderr).toContain('2 between 4 (2.dcm) and 10 mm (5.dcm)');
  await expect(access(out)).rejects.toMatchObject({ code: 'ENOENT' });
});
