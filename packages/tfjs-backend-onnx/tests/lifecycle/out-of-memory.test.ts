import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

test('a step that memory does not suffice for fails by name, assigns nothing, and leaves the backend usable', () => {
  // Kilobytes of address space, of which Node reserves more than ten million.
  const limited = `ulimit -v 18000000; exec "$0" --require tsx/cjs "$1"`;
  const script = join(__dirname, 'in-little-memory.ts');
  const report = execFileSync('bash', ['-c', limited, process.execPath, script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  expect(JSON.parse(String(report))).toEqual({
    'small step': 'true',
    'large step': 'ONNX_BACKEND_OUT_OF_MEMORY',
    'weight as before': 'true',
    'after a step in the background': 'ONNX_BACKEND_OUT_OF_MEMORY',
    'weight still as before': 'true',
    'small step again': 'true',
    'weight moved on': 'true',
  });
});
