import { spawn } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Bundle, Performance } from 'model-bundle';
import { env } from 'quiet-onnxruntime';
import { PROBABILITIES } from '../bundle-checks';
import { performanceError } from './errors';
import type { MeasuringTask, Measurements } from './measuring-process';

/** An endpoint's batch when it is busy. */
export const LARGE_BATCH = 32;

/**
 * How fast the model of a bundle answers on one thread, and how much memory that takes, in a process of its own that
 * does nothing else. Nobody else should keep the machine busy meanwhile.
 *
 * @throws VALIDATION_PERFORMANCE_FAILED
 */
export async function measurePerformance(bundle: Bundle): Promise<Performance> {
  const { inputs, preprocessing } = bundle.signature;
  const { latencies, batchSeconds, peakMemoryMb } = await runProcess({
    modelPath: bundle.path('model.onnx'),
    input: inputs[0]!.name,
    output: PROBABILITIES,
    patchSize: preprocessing.patchSize,
    batch: LARGE_BATCH,
  });
  return {
    measuredAt: new Date().toISOString(),
    machine: {
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      logicalCores: availableParallelism(),
      memoryMb: Math.round(totalmem() / 1e6),
      platform: `${process.platform} ${process.arch}`,
      node: process.versions.node,
      onnxruntime: env.versions.node ?? env.versions.common,
    },
    threads: 1,
    latencyMs: { p50: quantile(latencies, 0.5), p95: quantile(latencies, 0.95), runs: latencies.length },
    throughput: {
      batch: LARGE_BATCH,
      patchesPerSecond: LARGE_BATCH / quantile(batchSeconds, 0.5),
      runs: batchSeconds.length,
    },
    peakMemoryMb,
  };
}

/** The smallest of the values that at least this share of them does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

function runProcess(task: MeasuringTask): Promise<Measurements> {
  const script = join(__dirname, 'measuring-process.ts');
  const child = spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), script, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, complaints] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (complaints += text.toString()));
  return new Promise((resolve, reject) => {
    const fail = (problem: string, cause?: unknown) => {
      reject(performanceError('VALIDATION_PERFORMANCE_FAILED', { problem }, cause));
    };
    child.once('error', (error) => {
      fail(error.message, error);
    });
    child.once('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(output) as Measurements);
      else fail(signal ? `it was ended by ${signal}` : lastLine(complaints) || `it ended with code ${String(code)}`);
    });
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
