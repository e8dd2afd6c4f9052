import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import loadWabt from 'wabt';

const TEXT = join(__dirname, 'kernels.wat');
const BINARY = join(__dirname, 'kernels.wasm');

/** The bytes of kernels.wat as WebAssembly. */
export async function assembleKernels(): Promise<Uint8Array> {
  const wabt = await loadWabt();
  const parsed = wabt.parseWat('kernels.wat', readFileSync(TEXT, 'utf8'), {
    simd: true,
    bulk_memory: true,
    multi_value: true,
    sat_float_to_int: true,
  });
  return parsed.toBinary({}).buffer;
}

async function main(): Promise<void> {
  writeFileSync(BINARY, await assembleKernels());
}

if (require.main === module) void main();
