import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { registerOnnxBackend } from '..';
import type { TraceEvent } from '..';

const backend = registerOnnxBackend({ threads: 1 });
beforeAll(() => tf.setBackend('onnx'));
afterAll(() => {
  backend.dispose();
});

/** A convolution that ONNX Runtime fuses with what follows, and a product. */
function network(): tf.Tensor {
  return tf.tidy(() => {
    const x = tf.ones<tf.Rank.R4>([2, 8, 8, 3]);
    const convolved = tf.relu(tf.add(tf.conv2d(x, tf.ones([3, 3, 3, 5]), 1, 'same'), tf.ones([5])));
    return tf.matMul(tf.reshape(convolved, [2, -1]), tf.ones([320, 4]));
  });
}

describe('a profile', () => {
  test('says what each op cost, with its lowering and shape', async () => {
    const profile = await backend.profile(() => network().dataSync(), { warmup: 2, calls: 4 });
    expect(profile.calls).toBe(4);
    expect(profile.rows.find(({ kernel }) => kernel === 'BatchMatMul')).toMatchObject({
      lowering: 'portable',
      shape: [2, 4],
      ms: expect.any(Number) as number,
    });
    expect(profile.rows.map(({ kernel }) => kernel)).toContain('ConvBias');
    expect(profile.rows.map(({ ms }) => ms)).toEqual(profile.rows.map(({ ms }) => ms).sort((a, b) => b - a));
    expect(profile.rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(profile.nodeMs).toBeLessThan(profile.wallMs);
    expect(profile.peakBytes).toBeGreaterThan(0);
  });

  test('prints as a table, and says how much it leaves out', async () => {
    const profile = await backend.profile(() => network().dataSync());
    expect(profile.table(1)).toMatch(/^kernel +lowering +shape +nodes +ms +share\n[─ ]+\n\w+ .* %\nand \d+ more\n\n/);
    expect(profile.table(1)).toMatch(/ms in nodes of .* ms a call, \d+ MB of native memory at most \(3 calls\)$/);
  });

  test('is written as a trace that chrome://tracing and Perfetto read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'trace-'));
    const profile = await backend.profile(() => network().dataSync(), { calls: 2 });
    profile.writeTrace(join(folder, 'trace.json'));
    const { traceEvents } = JSON.parse(readFileSync(join(folder, 'trace.json'), 'utf8')) as {
      traceEvents: TraceEvent[];
    };
    rmSync(folder, { recursive: true });
    const calls = traceEvents.filter(({ cat }) => cat === 'call');
    expect(calls.map(({ name }) => name)).toEqual(['call 1', 'call 2']);
    const nodes = traceEvents.filter(({ name }) => name === 'BatchMatMul');
    expect(nodes.map(({ args }) => args['shape'])).toEqual(expect.arrayContaining(['2×4']));
    // Nodes lie within their calls.
    for (const { ts, dur } of nodes) {
      expect(calls.some((call) => ts >= call.ts && ts + dur! <= call.ts + call.dur! + 1000)).toBe(true);
    }
  });

  test('leaves compiled graphs, tensors and variables as a call by itself would', async () => {
    const counter = tf.variable(tf.scalar(0));
    const count = (): void => {
      counter.assign(tf.tidy(() => tf.add(counter, 1)));
    };
    count();
    counter.dataSync();
    const graphs = backend.explain().length;
    await backend.profile(count, { warmup: 1, calls: 2 });
    expect([backend.explain().length, counter.dataSync()[0]]).toEqual([graphs, 4]);
    counter.dispose();
  });

  test('is refused inside of another one, and an error in the call leaves the backend usable', async () => {
    const failure = backend.profile(() => backend.profile(network));
    await expect(failure).rejects.toMatchObject({ code: 'ONNX_BACKEND_PROFILING' });
    expect((await backend.profile(() => network().dataSync(), { warmup: 0, calls: 1 })).rows).not.toHaveLength(0);
  });

  test('of a compiled function measures its graph', async () => {
    const doubled = backend.compile((x: tf.Tensor) => tf.mul(x, 2));
    const profile = await doubled.profile(tf.ones([1000]));
    expect(profile.rows.map(({ kernel, shape }) => [kernel, shape])).toEqual([['Multiply', [1000]]]);
  });
});

test('explain() prints every op with its lowering, and counts what tfjs-cpu ran', () => {
  backend.dispose();
  backend.fallbacks.clear();
  tf.unique(tf.tensor1d([1, 1], 'int32'));
  network().dataSync();
  const text = String(backend.explain());
  expect(text).toMatch(/^kernel +shape +lowering +count\n/);
  expect(text).toMatch(/BatchMatMul +2×4 +portable +1/);
  expect(text).toMatch(/1 compiled graphs: .*\d+ portable/);
  expect(text).toContain('run by tfjs-cpu: Unique 1×');
  expect(backend.explain().table((lowering) => lowering === 'none')).not.toContain('BatchMatMul');
});
