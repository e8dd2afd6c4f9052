import { setTimeout as sleep } from 'node:timers/promises';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lungate, newHome, smallWorld, startLungate, type Outcome } from './lungate';

const STAGES = ['data', 'split', 'train', 'validate', 'register', 'deploy', 'classify'];

jest.setTimeout(10 * 60_000);

let world: string;
let overrides: string[];
let undisturbed: string;
const homes: string[] = [];

beforeAll(async () => {
  world = await newHome();
  homes.push(world);
  overrides = await smallWorld(world);
  const outcome = await lungate(world, 'pipeline', 'run', ...overrides);
  expect(outcome).toMatchObject({ code: 0 });
  undisturbed = registeredDigest(outcome);
});

afterAll(async () => {
  await Promise.all(homes.map((home) => rm(home, { recursive: true, force: true })));
});

test.each(STAGES)('killed in stage %s, the same command ends in the digest of an undisturbed run', async (stage) => {
  const home = await newHome();
  homes.push(home);
  for (const file of ['suite.yaml', 'suite.gate.yaml']) await cp(join(world, file), join(home, file));
  if (stage !== 'data') await cp(join(world, 'data'), join(home, 'data'), { recursive: true });
  const mine = overrides.map((override) => override.replace(world, home));

  const first = startLungate(home, ['pipeline', 'run', ...mine]);
  await first.saw(new RegExp(`… ${stage}`));
  await sleep(Math.random() * 600);
  first.child.kill('SIGKILL');
  await first.ended;

  const second = await lungate(home, 'pipeline', 'run', ...mine);
  expect(second).toMatchObject({ code: 0 });
  expect(registeredDigest(second)).toBe(undisturbed);
  expect(await lungate(home, 'registry', 'verify', ...mine)).toMatchObject({ code: 0 });
});

/** `nodule-classifier@1.0.0  sha256:…` on the line that says where to look. */
function registeredDigest({ stdout }: Outcome): string {
  const [, version, digest] = /^model\s+(\S+)\s+(sha256:\S+)$/m.exec(stdout) ?? [];
  expect(version).toBe('nodule-classifier@1.0.0');
  return digest!;
}
