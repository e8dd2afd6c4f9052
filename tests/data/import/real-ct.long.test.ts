import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDicom } from 'dicom-parser';
import { unzipSync } from 'fflate';
import { importScans } from '../../../datasets/import';
import { describeWithPython, describeWithSharedData } from '../../present';
import { lungate } from '../../e2e/lungate';
import { makeWorld } from './run-import';

const PATIENT = /C3N-00247/;
const UIDS = /1\.3\.6\.1\.4\.1\.14519/;

describeWithSharedData('the real CT', (shared) => {
  const archive = join(shared, 'ct-lung-dicom.zip');

  /** The lowest `count` slices as a folder of files, named by their order. */
  async function unpack(to: string, count = 99): Promise<string> {
    await mkdir(to, { recursive: true });
    const slices = Object.values(unzipSync(await readFile(archive)))
      .map((bytes) => ({ bytes, z: parseDicom(bytes, { untilTag: 'x00200032' }).floatString('x00200032', 2) ?? 0 }))
      .sort((a, b) => a.z - b.z);
    for (const [i, { bytes }] of slices.slice(0, count).entries()) await writeFile(join(to, `${i}.dcm`), bytes);
    return to;
  }

  describeWithPython(['SimpleITK'], 'imported', (python) => {
    const geometryOf = (path: string): unknown => {
      const { stdout, stderr, status } = spawnSync(python, [join(__dirname, 'sitk_geometry.py'), path], {
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(stderr);
      return JSON.parse(stdout);
    };

    test('from the archive and from the folder is one scan, with the voxels and geometry that SimpleITK reads', async () => {
      const { path, runImport } = await makeWorld();
      const source = await unpack(path('source'));
      const first = await runImport(archive, '--to', path('out'), '--keep-dicom', path('kept'));
      expect(first).toMatchObject({ code: 0 });
      const second = await runImport(source, '--to', path('out'));
      expect(second).toMatchObject({ code: 0, stdout: expect.stringMatching(/there already +1 series/) as unknown });
      expect(first.log + second.log).not.toMatch(PATIENT);
      expect(first.log + second.log).not.toMatch(UIDS);

      const scans = (await readdir(path('out', 'subset0'))).filter((name) => name.endsWith('.mhd'));
      expect(scans).toHaveLength(1);
      const ours = geometryOf(path('out', 'subset0', scans[0]!));
      expect(ours).toEqual(geometryOf(source));
      const [study = ''] = await readdir(path('kept'));
      expect(geometryOf(path('kept', study, scans[0]!.slice(0, -4)))).toEqual(ours);

      const checked = await lungate(path(), 'data', 'check', path('out'));
      expect(checked).toMatchObject({ code: 0, stdout: expect.stringMatching(/subset0 +1 +1/) as unknown });
      const row = (await readFile(path('out', 'series.csv'), 'utf8')).split('\n')[1];
      expect(row).toMatch(/,SIEMENS,Sensation 16,B70f,3,100,342,190,99,0.564453125,0.564453125,3,,$/);
    });
  });

  test('a dry run tells what would be and writes nothing, not even a key', async () => {
    const { path, runImport } = await makeWorld();
    const { code, stdout } = await runImport(archive, '--to', path('out'), '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/would import +1 series/);
    expect(await readdir(path())).toEqual([]);
  });

  test('joins a dataset and leaves its rows as they are; scans without a patient stay their own', async () => {
    const { path } = await makeWorld();
    await cp(await unpack(path('source'), 6), path('more'), { recursive: true });
    await mkdir(path('out', 'subset3'), { recursive: true });
    await writeFile(path('out', 'subset3', '1.2.3.mhd'), '');
    await writeFile(path('out', 'candidates_V2.csv'), 'seriesuid,coordX,coordY,coordZ,class\n1.2.3,1,2,3,0\n');
    const keyFile = path('key');
    await importScans({ sources: [path('more')], to: path('out'), keyFile });
    const patients = (await readFile(path('out', 'patients.csv'), 'utf8')).trim().split('\n').slice(1);
    expect(patients).toEqual(['1.2.3,1.2.3', expect.stringMatching(/^2\.25\.\d+,P[0-9a-f]{16}$/)]);
    expect(await readFile(path('out', 'candidates_V2.csv'), 'utf8')).toBe(
      'seriesuid,coordX,coordY,coordZ,class\n1.2.3,1,2,3,0\n',
    );
    expect(((await stat(keyFile)).mode & 0o777).toString(8)).toBe('600');
  });

  test('annotations by the original UID come with it, at their places', async () => {
    const { path } = await makeWorld();
    const uid = '1.3.6.1.4.1.14519.5.2.1.7085.2626.242193282649561899185427104083';
    await unpack(path('source'), 4);
    await writeFile(
      path('nodules.csv'),
      `seriesuid,coordX,coordY,coordZ,diameter_mm\n${uid},-10.5,20,-215.25,7.5\n9.9,0,0,0,3\n`,
    );
    const options = { sources: [path('source')], to: path('out'), keyFile: path('key') };
    const { annotations, series } = await importScans({ ...options, annotations: [path('nodules.csv')] });
    expect(annotations).toEqual({ series: 1, nodules: 1, excluded: 0, outside: 0, withoutScan: 1 });
    const row = `${series[0]!.seriesUid},-10.5,20,-215.25`;
    expect(await readFile(path('out', 'annotations.csv'), 'utf8')).toContain(`${row},7.5\n`);
    expect(await readFile(path('out', 'candidates_V2.csv'), 'utf8')).toContain(`${row},1\n`);
  });

  test('an import that is killed goes on where it was, and ends as one that was not', async () => {
    const { path, startImport, runImport } = await makeWorld();
    const source = await unpack(path('source'), 40);
    const args = [source, '--keep-dicom', path('kept'), '--to'];
    const killed = startImport(...args, path('out'));
    await waitFor(async () => (await readdir(path('kept'), { recursive: true })).length > 10);
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(await readdir(path('out'))).not.toContain('patients.csv');

    // A killed process's lock is free after ten seconds; the next run waits for it.
    await rm(path('out', 'lungate-import.lock'), { recursive: true, force: true });
    expect(await runImport(...args, path('out'))).toMatchObject({ code: 0 });
    expect(await runImport(source, '--to', path('whole'))).toMatchObject({ code: 0 });
    const tables = ['patients.csv', 'series.csv', 'deidentification-report.json'];
    for (const table of tables) {
      expect(await readFile(path('out', table), 'utf8')).toBe(await readFile(path('whole', table), 'utf8'));
    }
    const kept = await readdir(path('kept'), { recursive: true });
    expect(kept.filter((name) => name.endsWith('.dcm'))).toHaveLength(40);
    expect(kept.filter((name) => name.endsWith('.tmp')).length).toBeLessThanOrEqual(1);
  });

  test('an import that is stopped by Ctrl-C says how to go on', async () => {
    const { path, startImport } = await makeWorld();
    const args = [await unpack(path('source'), 60), '--keep-dicom', path('kept'), '--to', path('out')];
    const stopped = startImport(...args);
    await waitFor(async () => (await readdir(path('kept'), { recursive: true })).length > 4);
    stopped.child.kill('SIGINT');
    expect(await stopped.ended).toMatchObject({
      code: 130,
      stderr: expect.stringMatching(/IMPORT_INTERRUPTED.*0 of 1 series/) as unknown,
    });
  });

  test('another key for the same dataset, and a series that changed at its source, are refused', async () => {
    const { path, runImport } = await makeWorld();
    const source = await unpack(path('source'), 4);
    const options = { sources: [source], to: path('out'), keyFile: path('secret', 'deid.key') };
    await importScans(options);
    await expect(importScans({ ...options, keyFile: path('other') })).rejects.toMatchObject({
      code: 'IMPORT_OTHER_KEY',
    });
    await rm(join(source, '3.dcm'));
    const { code, stdout } = await runImport(source, '--to', path('out'), '--show-files');
    expect(code).toBe(1);
    expect(stdout).toMatch(/failed: series 2\.25\.\d+ \(3 files, \d\.dcm\): IMPORT_SOURCE_CHANGED/);
  });
});

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1500; tries++) {
    if (await condition().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('waited in vain');
}
