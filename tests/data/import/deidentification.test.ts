import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeWithPython, repoRoot } from '../../present';
import { makeWorld } from './run-import';

const PROFILE = join(repoRoot, 'datasets', 'import', 'deidentify', 'confidentiality-profile.csv');

interface Searched {
  found: string[];
  files: number;
  dicom: number;
  days: number;
  series: number;
  patients: string[];
  resolved: boolean;
  metaAgrees: boolean;
  kept: string[];
  codes: string[];
}

describeWithPython(['pydicom', 'numpy'], 'with a sentinel in every attribute of PS3.15 Table E.1-1', (python) => {
  const ask = (script: string, ...args: string[]): unknown => {
    const { stdout, stderr, status } = spawnSync(python, [join(__dirname, script), ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  };

  test('none comes through to any file or to the terminal; dates keep their intervals and references resolve', async () => {
    const { path, runImport } = await makeWorld();
    // All rows but command and meta elements (five), groups of tags (three) and private attributes, which are planted besides.
    expect(ask('plant_sentinels.py', PROFILE, path('source'))).toEqual({ planted: 614 });
    const sentinels = ask('find_sentinels.py', path('source')) as { found: string[] } | undefined;
    expect(sentinels?.found.length).toBeGreaterThan(600);

    const { code, log } = await runImport(path('source'), '--to', path('out'), '--keep-dicom', path('kept'));
    expect({ code, log }).toMatchObject({ code: 0 });
    expect(log).not.toMatch(/QZX|1947|1\.2\.999|918273/);

    const searched = ask('find_sentinels.py', path('out'), path('kept')) as Searched;
    expect(searched).toMatchObject({
      found: [],
      dicom: 8,
      days: 30,
      series: 2,
      resolved: true,
      metaAgrees: true,
      kept: ['ACME B30f 120 YES'],
      codes: ['113100', '113107'],
    });
    expect(searched.patients).toEqual([expect.stringMatching(/^P[0-9a-f]{16}$/)]);
    expect(await readFile(path('out', 'patients.csv'), 'utf8')).toContain(searched.patients[0]);
  });
});

test('a source without a scan is named for what it holds, and no source at all is a wrong call', async () => {
  const { path, runImport } = await makeWorld();
  await mkdir(path('source'));
  await writeFile(path('source', 'notes.txt'), 'no scan');
  const empty = await runImport(path('source'), '--to', path('out'));
  expect(empty).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/IMPORT_NOTHING_FOUND.*1 × not DICOM/) as unknown,
  });
  expect(await runImport('--to', path('out'))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('IMPORT_NO_SOURCE') as unknown,
  });
});
