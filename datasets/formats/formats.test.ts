import { copyFile, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Volume } from '../volume';
import { readVolume, writeVolume } from '.';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'formats-'));
});

const small: Volume = {
  hu: Int16Array.from({ length: 24 }, (_, i) => i * 100 - 1000),
  size: [2, 3, 4],
  spacingXyz: [0.5, 0.75, 2.5],
  originXyz: [-180.5, 33.25, -600.125],
  direction: [0, 1, 0, -1, 0, 0, 0, 0, -1],
};

const names = ['a.mhd', 'a.mha', 'a.nii', 'a.nii.gz', 'a.nrrd', 'a.nhdr'];

test.each(names)('a volume goes through %s by its name alone', async (name) => {
  await writeVolume(join(folder, name), small);
  expect(await readVolume(join(folder, name))).toEqual(small);
});

test.each(['a.mhd', 'a.mha', 'a.nii.gz', 'a.nrrd', 'a.nhdr'])('%s can be packed', async (name) => {
  const flat = { ...small, hu: new Int16Array(24 * 1000), size: [20, 30, 40] as const };
  await writeVolume(join(folder, name), flat, { compressed: true });
  expect(await readVolume(join(folder, name))).toEqual(flat);
});

test.each(['a.mha', 'a.nii', 'a.nii.gz', 'a.nrrd'])('what %s holds counts before a wrong name', async (name) => {
  await writeVolume(join(folder, name), small);
  for (const wrong of ['wrong.mhd', 'wrong.nrrd', 'wrong.nii', 'wrong.dcm', 'wrong', 'wrong.dat']) {
    await copyFile(join(folder, name), join(folder, wrong));
    expect(await readVolume(join(folder, wrong))).toEqual(small);
  }
});

test.each(names)('%s of more voxels than are allowed is refused', async (name) => {
  await writeVolume(join(folder, name), small);
  await expect(readVolume(join(folder, name), { maxVoxels: 23 })).rejects.toMatchObject({
    code: expect.stringMatching(/_TOO_LARGE$/) as string,
  });
});

test('what is no image is told, with what could be read', async () => {
  await writeFile(join(folder, 'notes.txt'), 'nothing to see');
  await writeFile(join(folder, 'empty'), '');
  await writeFile(join(folder, 'scan.raw'), Buffer.alloc(5000));
  for (const name of ['notes.txt', 'empty', 'scan.raw']) {
    await expect(readVolume(join(folder, name))).rejects.toMatchObject({
      code: 'FORMAT_UNKNOWN',
      hint: expect.stringContaining('.nii.gz') as string,
    });
  }
  await expect(readVolume(join(folder, 'gone.nii'))).rejects.toMatchObject({ code: 'FORMAT_NOT_FOUND' });
  await mkdir(join(folder, 'hollow'));
  await expect(readVolume(join(folder, 'hollow'))).rejects.toMatchObject({ code: 'DICOM_NO_SERIES' });
});

test('a name of a format that is not written is refused, and nothing is written', async () => {
  await expect(writeVolume(join(folder, 'a.dcm'), small)).rejects.toMatchObject({ code: 'FORMAT_NOT_WRITTEN' });
  await expect(writeVolume(join(folder, 'a.nii'), small, { compressed: true })).rejects.toMatchObject({
    code: 'FORMAT_NOT_COMPRESSED',
  });
  expect(await readdir(folder)).toEqual([]);
});
