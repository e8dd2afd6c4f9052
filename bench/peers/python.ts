import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { benchError } from '../errors';

const VENV = join(__dirname, '..', '..', '.lungate', 'bench-venv');
const VENV_PYTHON = join(VENV, 'bin', 'python');

/**
 * A Python that imports PyTorch and NumPy: the benches' own environment, else the system's, else the benches' own
 * newly made. PyPI's wheel for Linux brings CUDA's libraries along; it has no smaller one.
 * Fails with BENCH_PEER_MISSING.
 */
export function pythonWithTorch(): string {
  const found = [VENV_PYTHON, 'python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', 'import torch, numpy']).status === 0,
  );
  return found ?? install();
}

function install(): string {
  console.log('  installing PyTorch into .lungate/bench-venv (5.4 GB, once)');
  rmSync(VENV, { recursive: true, force: true });
  mustSucceed('python3', ['-m', 'venv', VENV]);
  mustSucceed(VENV_PYTHON, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'torch', 'numpy']);
  return VENV_PYTHON;
}

function mustSucceed(command: string, args: string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  const reason = error?.message ?? (stderr.trim().split('\n').slice(-3).join('\n') || `status ${String(status)}`);
  throw benchError('BENCH_PEER_MISSING', { reason, peer: 'PyTorch', folder: '.lungate/bench-venv', gigabytes: 6 });
}
