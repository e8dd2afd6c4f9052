import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fuzzReader } from './fuzz';

const sound =
  '{ hu: new Int16Array(1), size: [1, 1, 1], spacingXyz: [1, 1, 1], originXyz: [0, 0, 0], direction: [1, 0, 0, 0, 1, 0, 0, 0, 1] }';

/** A reader that does what the file's text says. */
const READER = `
const kept = [];
exports.read = async (path) => {
  const text = require('node:fs').readFileSync(path, 'utf8');
  if (text === 'crash') null.crash();
  if (text === 'exit') process.exit(3);
  if (text === 'hang') for (;;);
  if (text === 'never') await new Promise(() => {});
  if (text === 'glut') kept.push(Buffer.alloc(1 << 29, 1));
  if (text === 'short') return { ...${sound}, size: [1, 1, 2] };
  if (text === 'nowhere') return { ...${sound}, originXyz: [0, NaN, 0] };
  return ${sound};
};`;

test('the harness tells a crash, an exit, a hang, a glut, an unsound volume and a wrong acceptance from a sound answer', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fuzz-harness-'));
  await writeFile(join(folder, 'reader.js'), READER);
  const deeds = ['crash', 'exit', 'hang', 'never', 'glut', 'short', 'nowhere', 'read', 'accept'];
  const cases = deeds.map((name) => ({ name, files: { a: name }, entry: 'a', mustFail: name === 'accept' }));
  const report = await fuzzReader(cases, { module: join(folder, 'reader'), reader: 'read', deadlineMs: 1000 });
  await rm(folder, { recursive: true });
  expect(report).toMatchObject({ read: 1, refused: 0 });
  expect(report.failures.map((failure) => failure.split('\n')[0])).toEqual([
    expect.stringMatching(/^crash: TypeError/),
    'exit: the process died (3)',
    'hang: no answer in 1000 ms',
    'never: no answer in 1000 ms',
    expect.stringMatching(/^glut: took \d+ MiB of memory/),
    'short: a volume of 2 voxels came with 1',
    'nowhere: a volume came without a sane place',
    'accept: was read, and should have been refused',
  ]);
});
