import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGatePublicKey, readPerformance, type Bundle } from 'model-bundle';
import type { Dataset, Split } from '../../datasets';
import { describePerformance, validate, type ValidationResult } from '../../services/validation';
import { measurePerformance } from '../../services/validation/performance';
import { freezeTinySuite, splitTinyDataset, writeTinyBundle, writeTinyDataset } from './world';

let world: string;
let dataset: Dataset;
let split: Split;
let tiny: Bundle;
let runs = 0;

beforeAll(async () => {
  world = await mkdtemp(join(tmpdir(), 'performance-'));
  dataset = await writeTinyDataset(join(world, 'data'));
  split = splitTinyDataset(dataset);
  await freezeTinySuite(dataset, join(world, 'suite.yaml'), ['budget']);
  tiny = await writeTinyBundle(join(world, 'tiny'), dataset, split);
});
afterAll(() => rm(world, { recursive: true, force: true }));

async function validateWith(budget: string): Promise<ValidationResult & { evidenceDir: string }> {
  const suitePath = join(world, 'suite.yaml');
  const text = await readFile(suitePath, 'utf8');
  await writeFile(suitePath, text.replace(/latencyMs: \S+\n {2}memoryMb: \S+/, budget));
  const evidenceDir = join(world, `evidence-${++runs}`);
  const result = await validate({
    bundleDir: tiny.dir,
    suitePath,
    dataset,
    split,
    evidenceDir,
    keyDir: join(world, 'key'),
  });
  return { ...result, evidenceDir };
}

describe('a budget that the model keeps', () => {
  let first: Awaited<ReturnType<typeof validateWith>>;
  beforeAll(async () => {
    first = await validateWith('latencyMs: 5000\n  memoryMb: 4096');
  });

  test('is a rule that holds, and the report says no more than that', async () => {
    expect(first.report.rules.at(-1)).toMatchObject({ metric: 'budget.exceeded', value: 0, outcome: 'pass' });
    expect(first.report.budget?.budgets).toEqual([
      { name: 'latency', title: 'Time for one patch, 95th percentile', limit: 5000, unit: 'ms', kept: true },
      { name: 'memory', title: 'Memory of the process, peak', limit: 4096, unit: 'MB', kept: true },
    ]);
    const text = await readFile(join(first.evidenceDir, 'report.json'), 'utf8');
    expect(text).not.toContain(String(first.performance!.latencyMs.p95));
  });

  test('leaves what was measured in performance.json, signed, with the machine and without its name', async () => {
    const publicKey = await readGatePublicKey(join(world, 'key'));
    const measured = await readPerformance(first.evidenceDir, first.evidenceDigest, publicKey);
    expect(measured).toEqual(first.performance);
    expect(measured).toMatchObject({ threads: 1, throughput: { batch: 32 }, machine: { onnxruntime: '1.30.0' } });
    expect(measured!.latencyMs.p95).toBeGreaterThanOrEqual(measured!.latencyMs.p50);
    const hostname = execFileSync('uname', ['-n'], { encoding: 'utf8' }).trim();
    expect(await readFile(join(first.evidenceDir, 'performance.json'), 'utf8')).not.toContain(`"${hostname}"`);
    expect(describePerformance(measured!)).toMatch(/ms a patch \(95 %: .*patches a second in batches of 32, .* MB/);
  });

  test('gives the same evidence again, though other times were measured', async () => {
    const again = await validateWith('latencyMs: 5000\n  memoryMb: 4096');
    expect(again.performance).not.toEqual(first.performance);
    expect(again.evidenceDigest).toBe(first.evidenceDigest);
  });
});

test('a budget that no model keeps fails the gate, and says which', async () => {
  const { verdict, report } = await validateWith('latencyMs: 0.0001\n  memoryMb: 4096');
  expect(verdict).toBe('fail');
  expect(report.figures['budget.exceeded']?.value).toBe(1);
  expect(report.budget?.budgets.map(({ name, kept }) => [name, kept])).toEqual([
    ['latency', false],
    ['memory', true],
  ]);
});

test('a model that cannot be run is an error by name, not a measurement', async () => {
  const broken = { ...tiny, path: () => join(world, 'nothing.onnx') };
  await expect(measurePerformance(broken)).rejects.toMatchObject({ code: 'VALIDATION_PERFORMANCE_FAILED' });
});
