import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSplit, writeSplit } from '.';

const lists = { train: ['b', 'a'], validation: ['c'], test: ['d'] };
let file: string;
beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'split-')), 'split.json');
});

test('a split written by hand is read, and its digest does not depend on the order of the patients', async () => {
  await writeFile(file, JSON.stringify(lists));
  const byHand = await readSplit(file);
  await writeSplit(file, { ...byHand, train: ['a', 'b'] });
  expect((await readSplit(file)).digest).toBe(byHand.digest);
});

test('a patient on two sides, a missing list and broken JSON are named', async () => {
  await writeFile(file, JSON.stringify({ ...lists, test: ['a'] }));
  await expect(readSplit(file)).rejects.toMatchObject({ code: 'SPLIT_OVERLAP' });
  await writeFile(file, JSON.stringify({ train: ['a'], validation: ['b'] }));
  await expect(readSplit(file)).rejects.toMatchObject({ code: 'SPLIT_FILE_UNREADABLE' });
  await writeFile(file, '{');
  await expect(readSplit(file)).rejects.toMatchObject({ code: 'SPLIT_FILE_UNREADABLE' });
});
