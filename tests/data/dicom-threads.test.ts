import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readVolume } from '../../datasets';
import { describeWithProgram } from '../present';
import { largerCtSlice, dicomFile } from './dicom-files';

describeWithProgram('gdcmconv', 'a JPEG 2000 series long enough for worker threads', () => {
  let dir: string;

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'dicom-threads-'));
    for (const folder of ['plain', 'packed']) mkdirSync(join(dir, folder));
    for (let i = 0; i < 40; i++) {
      writeFileSync(join(dir, 'plain', `${i}.dcm`), dicomFile(largerCtSlice(i)));
      execFileSync('gdcmconv', ['--j2k', join(dir, 'plain', `${i}.dcm`), join(dir, 'packed', `${i}.dcm`)], {
        stdio: 'pipe',
      });
    }
  });

  afterAll(() => {
    rmSync(dir, { recursive: true });
  });

  test('has the voxels of its plain files', async () => {
    expect(await readVolume(join(dir, 'packed'))).toEqual(await readVolume(join(dir, 'plain')));
  });

  test('names the file whose code is damaged, and leaves no thread behind', async () => {
    const file = join(dir, 'packed', '17.dcm');
    const bytes = readFileSync(file);
    // The first marker of the code.
    bytes.fill(0, bytes.indexOf('ff4fff51', 0, 'hex'), bytes.indexOf('ff4fff51', 0, 'hex') + 4);
    writeFileSync(file, bytes);
    await expect(readVolume(join(dir, 'packed'))).rejects.toMatchObject({
      code: 'DICOM_DAMAGED',
      message: expect.stringContaining('17.dcm') as string,
    });
  });
});
