import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256 } from 'durable-files';
import { readHoldoutUses, recordHoldoutUse } from '../../services/validation/suite';

const LEDGERS = 6;
// Each may cost the 10 seconds after which the lock of a killed process is taken over; the ledgers wait side by side.
const KILLS = 5;

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'killed-ledger-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Lets a process judge models until it has told of some, kills it at once or a little later, and gives what it told. */
async function judgeAndKill(holdout: string, who: string): Promise<string[]> {
  const script = join(__dirname, 'judging-process.ts');
  const args = ['--require', require.resolve('tsx/cjs'), script, dir, holdout, who];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  const some = 1 + Math.floor(Math.random() * 5);
  const heard = new Promise<void>((resolve) => {
    child.stdout.on('data', (text: Buffer) => {
      told += text.toString();
      if (told.split('\n').length > some) resolve();
    });
  });
  const closed = once(child, 'close');
  await Promise.race([heard, closed]);
  await sleep(Math.random() * 30);
  child.kill('SIGKILL');
  await closed;
  return told.split('\n').slice(0, -1);
}

async function killAgainAndAgain(holdout: string): Promise<void> {
  const told: string[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const lines = await judgeAndKill(holdout, `round ${kill}`);
    expect(lines.length).toBeGreaterThan(0);
    told.push(...lines);
    // Whole, never taken for edited, and nothing that was told is lost: what was killed before it told may be there too.
    const entries = await readHoldoutUses(dir, holdout);
    const numbered = new Set(entries.map(({ bundle, seq }) => `${bundle} ${seq}`));
    expect(told.filter((line) => !numbered.has(line))).toEqual([]);
    expect(entries.length - told.length).toBeLessThanOrEqual(kill + 1);
  }
  const [first = ''] = told;
  const [bundle = '', model = ''] = first.split(' ');
  expect(await recordHoldoutUse(dir, { holdout, bundle, suite: sha256('suite') })).toEqual({
    model: Number(model),
    suites: 1,
  });
}

test('a ledger whose writers are killed at any instant keeps every use that it told of, under its number', async () => {
  await Promise.all(Array.from({ length: LEDGERS }, (_, i) => killAgainAndAgain(sha256(`holdout ${i}`))));
}, 240_000);
