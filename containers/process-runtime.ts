import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { containersError } from './errors';
import { isRunning, NAME_ITSELF_THEN_EXEC, parseIdentity, type ProcessIdentity } from './process-identity';
import type { Running, Runtime, ServiceCommand } from './runtime';

const POLL_MS = 25;
const NAMING_LIMIT_MS = 5_000;
const HEALTH_LIMIT_MS = 2_000;

/** Runs a service as a detached process of this machine: no container, and nothing to install. */
export function processRuntime(): Runtime {
  const alive = async (dir: string) => (await running(dir)) !== null;
  return { name: 'process', start, running, alive, health, stop, logs };
}

async function start(dir: string, { command, args, env }: ServiceCommand): Promise<void> {
  await mkdir(dir, { recursive: true });
  const stdout = await open(join(dir, 'stdout.log'), 'a');
  const stderr = await open(join(dir, 'stderr.log'), 'a');
  try {
    const child = spawn('/bin/sh', ['-c', NAME_ITSELF_THEN_EXEC, dir, command, ...args], {
      detached: true,
      stdio: ['ignore', stdout.fd, stderr.fd],
      env: { ...process.env, ...env },
    });
    child.unref();
    await once(child, 'spawn');
  } catch (cause) {
    throw containersError('RUNTIME_START_FAILED', { runtime: 'process', command }, cause);
  } finally {
    await stdout.close();
    await stderr.close();
  }
  const deadline = Date.now() + NAMING_LIMIT_MS;
  while (!(await readIdentity(dir))) {
    if (Date.now() > deadline) throw containersError('RUNTIME_START_FAILED', { runtime: 'process', command });
    await sleep(POLL_MS);
  }
}

async function running(dir: string): Promise<Running | null> {
  const identity = await readIdentity(dir);
  if (!identity || !(await isRunning(identity))) return null;
  return { pid: identity.pid, url: await readUrl(dir) };
}

async function health(dir: string): Promise<boolean> {
  const url = (await running(dir))?.url;
  if (!url) return false;
  const signal = AbortSignal.timeout(HEALTH_LIMIT_MS);
  return fetch(`${url}/v2/health/ready`, { signal }).then(
    async (response) => {
      await response.body?.cancel();
      return response.ok;
    },
    () => false,
  );
}

async function stop(dir: string, graceMs = 25_000): Promise<void> {
  await mkdir(dir, { recursive: true });
  // One that is just starting either reads this, or has named itself before we look.
  await writeFile(join(dir, 'cancelled'), '');
  const identity = await readIdentity(dir);
  if (!identity) return;
  for (const [signal, limit] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', 10_000],
  ] as const) {
    const deadline = Date.now() + limit;
    if (await isRunning(identity)) signalProcess(identity.pid, signal);
    while (await isRunning(identity)) {
      if (Date.now() > deadline) break;
      await sleep(POLL_MS);
    }
  }
}

async function logs(dir: string, lines: number): Promise<string[]> {
  const text = await readFile(join(dir, 'stderr.log'), 'utf8').catch(() => '');
  return text.split('\n').filter(Boolean).slice(-lines);
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function readIdentity(dir: string): Promise<ProcessIdentity | null> {
  return parseIdentity(await readFile(join(dir, 'process'), 'utf8').catch(() => ''));
}

/** The service's one line on standard output: `{"ready":true,"url":…}`. */
async function readUrl(dir: string): Promise<string | null> {
  const text = await readFile(join(dir, 'stdout.log'), 'utf8').catch(() => '');
  const line = text.split('\n').find((candidate) => candidate.startsWith('{"ready":true'));
  return line === undefined ? null : (JSON.parse(line) as { url: string }).url;
}
