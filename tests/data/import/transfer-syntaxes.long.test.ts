import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { importScans } from '../../../datasets/import';
import { describeWithProgram, describeWithPython, describeWithSharedData } from '../../present';
import { makeWorld } from './run-import';

const EXPLICIT = '1.2.840.10008.1.2.1';

describeWithSharedData('a slice of the real CT', (shared) => {
  describeWithProgram('dcmconv', 'as DCMTK writes it', () => {
    describeWithPython(['pydicom', 'numpy'], 'and pydicom reads it', (python) => {
      test.each<[string, string, string[], string]>([
        ['implicit VR', 'dcmconv', ['+ti'], EXPLICIT],
        ['big endian', 'dcmconv', ['+tb'], EXPLICIT],
        ['deflated', 'dcmconv', ['+td'], EXPLICIT],
        ['RLE', 'dcmcrle', [], '1.2.840.10008.1.2.5'],
        ['lossless JPEG', 'dcmcjpeg', ['+e1'], '1.2.840.10008.1.2.4.70'],
        ['JPEG-LS', 'dcmcjpls', [], '1.2.840.10008.1.2.4.80'],
      ])('%s: its kept DICOM has the same pixels', async (_name, program, options, syntax) => {
        const told = jest.spyOn(console, 'error');
        const { path } = await makeWorld();
        const [bytes] = Object.values(unzipSync(await readFile(join(shared, 'ct-lung-dicom.zip'))));
        await writeFile(path('plain.dcm'), bytes!);
        await mkdir(path('source'));
        execFileSync(program, [...options, path('plain.dcm'), path('source', 'a.dcm')], { stdio: 'ignore' });
        await importScans({
          sources: [path('source')],
          to: path('out'),
          keepDicom: path('kept'),
          keyFile: path('key'),
        });
        expect(told).not.toHaveBeenCalled();
        const kept = (await readdir(path('kept'), { recursive: true })).find((name) => name.endsWith('.dcm'));
        const script = join(__dirname, 'same_pixels.py');
        const { stdout, stderr } = spawnSync(python, [script, path('source', 'a.dcm'), path('kept', String(kept))], {
          encoding: 'utf8',
        });
        expect({ stderr, ...(JSON.parse(stdout || '{}') as object) }).toEqual({
          stderr: '',
          same: true,
          syntax,
          tags: true,
        });
        expect(spawnSync('dcmdump', [path('kept', String(kept))], { encoding: 'utf8' })).toMatchObject({
          status: 0,
          stderr: '',
        });
      });
    });
  });
});
