import { appendFile, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JOURNAL_FILE, openJournal } from './journal';

const refused = (seriesUid: string) => ({ kind: 'refused' as const, seriesUid, reason: 'not CT', files: 3 });

test('what was written is there after a crash in the middle of the next line, and the line can be written again', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'journal-'));
  const journal = await openJournal(dir);
  await journal.append(refused('1.2'));
  await appendFile(join(dir, JOURNAL_FILE), '{"kind":"refused","seriesUid":"1.3","rea');
  const reopened = await openJournal(dir);
  expect([...reopened.refused.keys()]).toEqual(['1.2']);
  await reopened.append(refused('1.3'));
  expect([...(await openJournal(dir)).refused.keys()]).toEqual(['1.2', '1.3']);
  expect((await readFile(join(dir, JOURNAL_FILE), 'utf8')).split('\n')).toHaveLength(3);
});

test('a whole line of something else is named', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'journal-'));
  await (await openJournal(dir)).append(refused('1.2'));
  await appendFile(join(dir, JOURNAL_FILE), '{"kind":"other"}\n');
  await expect(openJournal(dir)).rejects.toMatchObject({ code: 'IMPORT_JOURNAL_UNREADABLE', details: { line: 2 } });
});
