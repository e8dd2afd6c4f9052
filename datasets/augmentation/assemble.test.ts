import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assembleKernels } from './assemble';

test('the kernels that run are those whose text stands beside them', async () => {
  const assembled = Buffer.from(await assembleKernels());
  expect(assembled.equals(readFileSync(join(__dirname, 'kernels.wasm')))).toBe(true);
});
