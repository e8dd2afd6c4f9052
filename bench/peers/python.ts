import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { benchError } from '../errors';

const VENV = join(__dirname, '..', '..', '.lungate', 'bench-venv');
const VENV_PYTHON = join(VENV, 'bin', 'python');
/** What the tests' Python packages are installed into. */
const CI_PYTHON = join(__dirname, '..', '..', '.venv', 'bin', 'python');

/**
 * A Python that imports PyTorch and NumPy: the benches' own environment, else the system's, else the benches' own
 * newly made. PyPI's wheel for Linux brings CUDA's libraries along; it has no smaller one.
 * Fails with BENCH_PEER_MISSING.
 */
export function pythonWithTorch(): string {
  return pythonWith('torch, numpy') ?? install();
}

/** One that also has SimpleITK, TorchIO and MONAI, which are added to the benches' own. Fails with BENCH_PEER_MISSING. */
export function pythonForPatches(): string {
  const modules = 'torch, numpy, SimpleITK, torchio, monai';
  const found = pythonWith(modules);
  if (found !== undefined) return found;
  if (!imports(VENV_PYTHON, 'torch')) install();
  console.log('  installing SimpleITK, TorchIO and MONAI into .lungate/bench-venv (once)');
  pip('SimpleITK', 'torchio', 'monai');
  return VENV_PYTHON;
}

/** One that has scikit-learn and NumPy, which a small environment of the benches' own gets. Fails with BENCH_PEER_MISSING. */
export function pythonWithScikitLearn(): string {
  const modules = 'sklearn.metrics, numpy';
  const found = pythonWith(modules);
  if (found !== undefined) return found;
  if (imports(CI_PYTHON, modules)) return CI_PYTHON;
  console.log('  installing scikit-learn into .lungate/bench-venv (once)');
  if (!existsSync(VENV_PYTHON)) mustSucceed('python3', ['-m', 'venv', VENV]);
  pip('scikit-learn', 'numpy');
  return VENV_PYTHON;
}

function pythonWith(modules: string): string | undefined {
  return [VENV_PYTHON, 'python3', '/usr/bin/python3'].find((python) => imports(python, modules));
}

function imports(python: string, modules: string): boolean {
  return spawnSync(python, ['-c', `import ${modules}`]).status === 0;
}

function install(): string {
  console.log('  installing PyTorch into .lungate/bench-venv (5.4 GB, once)');
  rmSync(VENV, { recursive: true, force: true });
  mustSucceed('python3', ['-m', 'venv', VENV]);
  pip('torch', 'numpy');
  return VENV_PYTHON;
}

function pip(...packages: string[]): void {
  mustSucceed(VENV_PYTHON, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]);
}

function mustSucceed(command: string, args: string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  const reason = error?.message ?? (stderr.trim().split('\n').slice(-3).join('\n') || `status ${String(status)}`);
  throw benchError('BENCH_PEER_MISSING', { reason, peer: 'The peer', folder: '.lungate/bench-venv', gigabytes: 6 });
}
