import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { repoRoot } from '../present';

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunningCommand {
  child: ChildProcess;
  /** Resolves when standard error has said something that matches. */
  saw: (pattern: RegExp) => Promise<void>;
  ended: Promise<Outcome>;
}

/** Starts the `lungate` command as a user would, with a home of its own. */
export function startLungate(home: string, args: readonly string[]): RunningCommand {
  const child = spawn(process.execPath, [join(repoRoot, 'bin', 'lungate.mjs'), ...args], {
    cwd: repoRoot,
    env: { ...process.env, LUNGATE_HOME: home, MLFLOW_TRACKING_URI: undefined, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    for (const watcher of watchers) watcher();
  });
  const ended = new Promise<Outcome>((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr });
    });
  });
  const saw = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!pattern.test(stderr)) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
      void ended.then(() => {
        reject(new Error(`ended without saying ${String(pattern)}:\n${stderr}`));
      });
    });
  return { child, saw, ended };
}

export function lungate(home: string, ...args: string[]): Promise<Outcome> {
  return startLungate(home, args).ended;
}

export function newHome(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'lungate-'));
}

/** A small world: few scans, a small network, and a suite whose thresholds any model meets. Seconds, not minutes. */
export const SMALL_WORLD = [
  'experiment=demo',
  'dataset.scans=8',
  'model=luna-small',
  'model.crop=[8,16,16]',
  'trainer.max_epochs=2',
  'augmentation=none',
] as const;

/** Freezes a lenient suite for the small world and gives the overrides that use it. */
export async function smallWorld(home: string): Promise<string[]> {
  const template = join(home, 'template.yaml');
  const suite = join(home, 'suite.yaml');
  const [shipped, policy] = [
    await readShipped<{ primary: Rule }>('suite'),
    await readShipped<{ rules: Rule[] }>('gate'),
  ];
  const lenient = (rule: Rule) => ({ ...rule, threshold: rule.op === '>=' ? -1 : 1e9 });
  await writeFile(template, stringify({ ...shipped, primary: lenient(shipped.primary) }));
  await writeFile(join(home, 'template.gate.yaml'), stringify({ ...policy, rules: policy.rules.map(lenient) }));
  const dataset = await lungate(
    home,
    'data',
    'phantom',
    join(home, 'data', 'phantom-8-42'),
    '--scans',
    '8',
    '--seed',
    '42',
  );
  expect(dataset).toMatchObject({ code: 0 });
  const frozen = await lungate(home, 'suite', 'freeze', template, suite, ...SMALL_WORLD);
  expect(frozen).toMatchObject({ code: 0 });
  return [...SMALL_WORLD, `suite.file=${suite}`];
}

interface Rule {
  op: '>=' | '<=';
  threshold: number;
}

async function readShipped<T>(group: 'suite' | 'gate'): Promise<T> {
  return parse(await readFile(join(repoRoot, 'configs', group, 'nodule-classifier.yaml'), 'utf8')) as T;
}
