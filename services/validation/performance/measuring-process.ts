import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { InferenceSession, Tensor } from 'quiet-onnxruntime';
import { seededRandom } from 'seeded-random';

export interface MeasuringTask {
  modelPath: string;
  input: string;
  output: string;
  patchSize: readonly [number, number, number];
  batch: number;
}

export interface Measurements {
  /** Milliseconds of one patch, run by run. */
  latencies: number[];
  /** Seconds of one batch, run by run. */
  batchSeconds: number[];
  peakMemoryMb: number;
}

/** So many runs at least, so many at most, and in between until the time is up. */
const SINGLE = { warmUp: 3, least: 10, most: 100, seconds: 0.15 };
const BATCHED = { warmUp: 1, least: 1, most: 20, seconds: 0.15 };

/** Runs the model alone in this process, on one thread, and prints what it took. */
async function main(task: MeasuringTask): Promise<void> {
  const session = await InferenceSession.create(task.modelPath, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const one = await timeRuns(session, task, 1, SINGLE);
  const many = await timeRuns(session, task, task.batch, BATCHED);
  const measurements: Measurements = {
    latencies: one,
    batchSeconds: many.map((milliseconds) => milliseconds / 1000),
    peakMemoryMb: peakMemoryMb(),
  };
  process.stdout.write(JSON.stringify(measurements));
}

/** Milliseconds of each run after warming up, from HU in an array to probabilities in one. */
async function timeRuns(
  session: InferenceSession,
  { input, output, patchSize }: MeasuringTask,
  batch: number,
  runs: typeof SINGLE,
): Promise<number[]> {
  const shape = [batch, 1, ...patchSize];
  const random = seededRandom('patches to measure with');
  const hu = Int16Array.from({ length: shape.reduce((a, b) => a * b) }, () => -1000 + 1400 * random.uniform());
  const times: number[] = [];
  let spent = 0;
  for (let run = -runs.warmUp; run < runs.most && (run < runs.least || spent < 1000 * runs.seconds); run++) {
    const before = performance.now();
    await session.run({ [input]: new Tensor('float32', Float32Array.from(hu), shape) }, [output]);
    const took = performance.now() - before;
    if (run < 0) continue;
    times.push(took);
    spent += took;
  }
  return times;
}

/**
 * The peak of this program alone. Linux's getrusage, which `process.resourceUsage` asks, starts from what the process
 * that started this one had; the high-water mark in /proc does not.
 */
function peakMemoryMb(): number {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kibibytes !== undefined) return (Number(kibibytes) * 1024) / 1e6;
  } catch {
    // Not Linux.
  }
  return (process.resourceUsage().maxRSS * 1024) / 1e6;
}

main(JSON.parse(process.argv[2]!) as MeasuringTask).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
