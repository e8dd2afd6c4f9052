import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// An empty graph is refused after the library has started, which is when it would begin to record.
const IN_THREAD = `
  const { InferenceSession } = require(${JSON.stringify(join(__dirname, 'index.ts'))});
  InferenceSession.create(new Uint8Array([8, 9])).catch(() => undefined);
`;
const IN_WORKER = `
  const { SHARE_ENV, Worker } = require('node:worker_threads');
  const options = { eval: true, env: SHARE_ENV, execArgv: ['--require', 'tsx/cjs'] };
  new Worker(${JSON.stringify(IN_THREAD)}, options);
`;

test.each([
  ['on the main thread', IN_THREAD],
  ['in a worker', IN_WORKER],
])('ONNX Runtime leaves no record of its use, loaded %s', (_where, script) => {
  const home = mkdtempSync(join(tmpdir(), 'quiet-'));
  const env = { PATH: process.env['PATH'], HOME: home, XDG_CACHE_HOME: join(home, '.cache'), TSX_DISABLE_CACHE: '1' };
  execFileSync(process.execPath, ['--require', 'tsx/cjs', '-e', script], { env, stdio: 'inherit' });
  expect(readdirSync(home, { recursive: true }).filter((name) => /onnx|Microsoft/i.test(String(name)))).toEqual([]);
});
