import { mkdtemp, readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lungate, newHome } from '../e2e/lungate';
import { writeSmallDataset } from './small-dataset';

test('the command writes four lists that the check finds free of leaks, and does not write over them', async () => {
  const { dir } = await writeSmallDataset();
  const to = join(await mkdtemp(join(tmpdir(), 'split-')), 'split');
  const home = await newHome();
  const split = await lungate(
    home,
    'data',
    'split',
    dir,
    '--to',
    to,
    '--by',
    'subset',
    '--validation',
    '1',
    '--test',
    '2',
  );
  expect(split).toMatchObject({ code: 0 });
  expect(split.stdout).toMatch(/validation +1 patients +2 scans +4 candidates +2 nodule/);
  expect((await readdir(to)).sort()).toEqual([
    'master.csv',
    'split-origin.json',
    'test.csv',
    'train.csv',
    'validation.csv',
  ]);
  expect((await readFile(join(to, 'master.csv'), 'utf8')).split('\n')[1]).toBe('1.2.826.0,ann,train,0');
  expect(await lungate(home, 'data', 'check', dir, '--split', to)).toMatchObject({ code: 0 });
  const again = await lungate(home, 'data', 'split', dir, '--to', to);
  expect(again.code).toBe(1);
  expect(again.stderr).toMatch(/SPLIT_FOLDER_TAKEN/);
});
