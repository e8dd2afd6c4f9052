/** Runs a script of this folder in a process of its own: a GPU's driver may take its process along. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Provider } from '../../src';

/** Debian's chromium brings a loader for Vulkan, and SwiftShader: a GPU in software. */
const CHROMIUM = '/usr/lib/chromium';
const SWIFTSHADER = join(CHROMIUM, 'vk_swiftshader_icd.json');
const IN_SOFTWARE = { LD_LIBRARY_PATH: CHROMIUM, VK_DRIVER_FILES: SWIFTSHADER, VK_ICD_FILENAMES: SWIFTSHADER };

export type Environment = Readonly<Record<string, string>>;

export interface Outcome {
  /** What the script printed as lines of JSON. */
  lines: unknown[];
  /** How the process ended, where that was not of its own will: a signal, an exit code, and its last words. */
  death: string | null;
}

/** @param emulator a program to run Node.js in, with its arguments */
export function runChild(
  script: string,
  given: readonly string[],
  environment: Environment,
  emulator: readonly string[] = [],
): Outcome {
  const [program, ...rest] = [...emulator, process.execPath, '--require', 'tsx/cjs', join(__dirname, script), ...given];
  const child = spawnSync(program!, rest, {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const lines = child.stdout.split('\n').filter((line) => line.startsWith('{'));
  const fine = child.status === 0;
  return {
    lines: lines.map((line) => JSON.parse(line) as unknown),
    death: fine ? null : `${child.signal ?? `exit ${child.status ?? '?'}`}\n${child.stderr.slice(-2000)}`,
  };
}

const found = new Map<Provider, Environment | null>();

/** Where a provider computes: the machine's own device first, else the one in software; null where there is none. */
export function environmentOf(provider: Provider): Environment | null {
  const known = found.get(provider);
  if (known !== undefined) return known;
  const environments: Environment[] = [{}];
  if (provider === 'webgpu' && existsSync(SWIFTSHADER)) environments.push(IN_SOFTWARE);
  const environment = environments.find((candidate) => computes(provider, candidate)) ?? null;
  found.set(provider, environment);
  return environment;
}

function computes(provider: Provider, environment: Environment): boolean {
  const { lines, death } = runChild('available-child.ts', [], environment);
  // A driver may take the process along; a script that throws is a fault of its own.
  if (death?.startsWith('exit')) throw new Error(death);
  return lines.some((line) => (line as { available: string[] }).available.includes(provider));
}

/** A test on whatever WebGPU finds; in CI, where .ci/run installs a GPU in software, it cannot be skipped. */
export function testOnWebgpu(name: string, define: (environment: Environment) => void): void {
  const environment = environmentOf('webgpu');
  if (environment) {
    test(name, () => {
      define(environment);
    });
  } else if (process.env['CI'] === 'true') {
    test(name, () => {
      throw new Error('no Vulkan here, and in CI nothing may be skipped: .ci/run must install chromium');
    });
  } else test.skip(`${name} (skipped: no Vulkan here, neither a GPU nor chromium)`, () => undefined);
}
