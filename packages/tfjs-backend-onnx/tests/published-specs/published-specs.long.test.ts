/** TF.js publishes its specs with its code: what tfjs-cpu passes of them, this backend must pass. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleSpecs } from './bundle-specs';
import { KNOWN_FAILURES } from './known-failures';
import type { SpecOutcome } from './outcome';

const run = promisify(execFile);
const known = Object.values(KNOWN_FAILURES).flat();

let cpu: SpecOutcome;
let onnx: SpecOutcome;
beforeAll(async () => {
  const bundle = await bundleSpecs();
  const outcomes = mkdtempSync(join(tmpdir(), 'published-specs-'));
  const outcomeOn = async (backend: string): Promise<SpecOutcome> => {
    const file = join(outcomes, `${backend}.json`);
    await run(process.execPath, [bundle, backend, file], { maxBuffer: 2 ** 26 });
    return JSON.parse(readFileSync(file, 'utf8')) as SpecOutcome;
  };
  [cpu, onnx] = await Promise.all([outcomeOn('cpu'), outcomeOn('onnx')]);
}, 300_000);

/** What tfjs-cpu passes, less the few specs that are about tfjs-cpu alone. */
function passedByBoth(): { shared: string[]; failed: string[] } {
  const ran = new Set([...onnx.passed, ...Object.keys(onnx.failed)]);
  const shared = cpu.passed.filter((name) => ran.has(name));
  return { shared, failed: shared.filter((name) => name in onnx.failed) };
}

describe("TF.js's published specs", () => {
  test('run in full on both backends', () => {
    expect(cpu.passed.length).toBeGreaterThan(4000);
    expect(cpu.passed.length - passedByBoth().shared.length).toBeLessThan(10);
  });

  test('pass here as they do on tfjs-cpu, to 99.5 %', () => {
    const { shared, failed } = passedByBoth();
    expect(1 - failed.length / shared.length).toBeGreaterThanOrEqual(0.995);
  });

  test('fail only where known-failures.ts says why', () => {
    const { failed } = passedByBoth();
    const unexplained = failed.filter((name) => !known.includes(name)).map((name) => [name, onnx.failed[name]]);
    expect(unexplained).toEqual([]);
    expect(known.filter((name) => !failed.includes(name))).toEqual([]);
  });
});
