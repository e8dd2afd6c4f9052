import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from 'durable-files';
import { countUses, readHoldoutUses, recordHoldoutUse } from '.';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ledger-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const HOLDOUT = sha256('holdout');
const use = (model: string, suite = 'suite') => ({ holdout: HOLDOUT, bundle: sha256(model), suite: sha256(suite) });
const record = (model: string, suite?: string) => recordHoldoutUse(dir, use(model, suite));
const file = (ending: string) => join(dir, `${HOLDOUT.slice(7)}.${ending}`);
const EDITED = { code: 'VALIDATION_LEDGER_EDITED' };

test('each model that is judged on a holdout gets the next number, and keeps it', async () => {
  expect(await record('a')).toEqual({ model: 1, suites: 1 });
  expect(await record('b')).toEqual({ model: 2, suites: 1 });
  expect(await record('c', 'stricter suite')).toEqual({ model: 3, suites: 2 });
  expect(await record('a')).toEqual({ model: 1, suites: 1 });
  expect(await record('b', 'stricter suite')).toEqual({ model: 2, suites: 2 });
  expect(await record('b')).toEqual({ model: 2, suites: 1 });
  const entries = await readHoldoutUses(dir, HOLDOUT);
  expect(entries).toHaveLength(4);
  expect(countUses(entries)).toEqual({ models: 3, suites: 2 });
});

test('holdouts are counted apart', async () => {
  await record('a');
  expect(await recordHoldoutUse(dir, { ...use('b'), holdout: sha256('another') })).toEqual({ model: 1, suites: 1 });
});

test('a holdout that was never used has no entries', async () => {
  expect(await readHoldoutUses(dir, HOLDOUT)).toEqual([]);
});

test('models that are judged at the same time are all counted, each with a number of its own', async () => {
  const models = Array.from({ length: 6 }, (_, i) => `model ${i}`);
  const numbers = (await Promise.all(models.map((model) => record(model)))).map(({ model }) => model);
  expect(numbers.sort((a, b) => a - b)).toEqual(models.map((_, i) => i + 1));
});

test('who reads while others write sees a whole ledger, and never takes it for an edited one', async () => {
  const work = { going: true };
  const writers = Promise.all(Array.from({ length: 8 }, (_, i) => record(`model ${i}`))).then(
    () => (work.going = false),
  );
  let seen = 0;
  while (work.going) {
    const { length } = await readHoldoutUses(dir, HOLDOUT);
    expect(length).toBeGreaterThanOrEqual(seen);
    seen = length;
  }
  await writers;
  expect(await readHoldoutUses(dir, HOLDOUT)).toHaveLength(8);
});

test('an entry holds digests and a time, and nothing that names data or says how it came out', async () => {
  await record('a');
  const [entry] = (await readFile(file('jsonl'), 'utf8')).trim().split('\n');
  expect(Object.keys(JSON.parse(entry!) as object)).toEqual([
    'seq',
    'at',
    'holdout',
    'suite',
    'bundle',
    'previous',
    'hash',
  ]);
});

test.each([0, 1, 60, 200])('what a killed process left after %i bytes of its line is written over', async (bytes) => {
  await record('a');
  const [line] = (await readFile(file('jsonl'), 'utf8')).split('\n');
  await appendFile(file('jsonl'), line!.slice(0, bytes));
  expect(await readHoldoutUses(dir, HOLDOUT)).toHaveLength(1);
  expect(await record('b')).toEqual({ model: 2, suites: 1 });
  expect(await readHoldoutUses(dir, HOLDOUT)).toHaveLength(2);
});

test('a process that was killed before it wrote the head has counted, and the next goes on', async () => {
  await record('a');
  const head = await readFile(file('head.json'));
  await record('b');
  await writeFile(file('head.json'), head);
  expect(await record('b')).toEqual({ model: 2, suites: 1 });
  expect(await record('c')).toEqual({ model: 3, suites: 1 });
  expect(JSON.parse(await readFile(file('head.json'), 'utf8'))).toMatchObject({ seq: 3 });
});

describe('a ledger that was edited is refused, by name, to readers and writers alike:', () => {
  beforeEach(async () => {
    for (const model of ['a', 'b', 'c']) await record(model);
  });
  const lines = async () => (await readFile(file('jsonl'), 'utf8')).split('\n').slice(0, -1);
  const rewrite = (changed: string[]) => writeFile(file('jsonl'), changed.map((line) => `${line}\n`).join(''));

  test.each<[string, () => Promise<unknown>]>([
    ['a model exchanged', async () => rewrite((await lines()).map((line) => line.replace(sha256('b'), sha256('x'))))],
    ['an entry taken out', async () => rewrite((await lines()).toSpliced(1, 1))],
    ['the last entry taken away', async () => rewrite((await lines()).slice(0, -1))],
    ['the last line cut short', async () => truncate(file('jsonl'), (await readFile(file('jsonl'))).length - 1)],
    [
      'two entries in another order',
      async () => rewrite((await lines()).toSpliced(0, 2, ...(await lines()).slice(0, 2).reverse())),
    ],
    ['a line that is no entry', async () => rewrite([...(await lines()), '{}'])],
    ['all of it removed', async () => rm(file('jsonl'))],
    ['its head removed', async () => rm(file('head.json'))],
    ['its head unreadable', async () => writeFile(file('head.json'), '{')],
    [
      'the ledger of another holdout',
      async () => {
        await recordHoldoutUse(dir, { ...use('x'), holdout: sha256('another') });
        await writeFile(file('jsonl'), await readFile(join(dir, `${sha256('another').slice(7)}.jsonl`)));
      },
    ],
  ])('%s', async (_, edit) => {
    await edit();
    await expect(readHoldoutUses(dir, HOLDOUT)).rejects.toMatchObject(EDITED);
    await expect(record('d')).rejects.toMatchObject(EDITED);
  });
});
