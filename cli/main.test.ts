import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

test('a reader that has seen enough ends the output, and not the command', () => {
  const command = `"${process.execPath}" "${join(__dirname, '..', 'bin', 'lungate.mjs')}" gate explain | head -1; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
  expect(stdout).toMatch(/^# Change control plan for .*\n0\n$/);
  expect(stderr).toBe('');
});
