import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { locateMetaImage } from '../formats/metaimage';
import { checkError } from './errors';
import { type InspectAnswer, answerFor } from './inspect-answer';
import { type KnownScan, keepInspections, readInspections } from './inspection-cache';

export interface InspectOptions {
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

const MOST_WORKERS = 8;
const SECONDS_BETWEEN_SAVES = 20;
/** Bytes that this thread reads sooner than others are started. */
const WORTH_THREADS = 2 ** 26;

/**
 * Inspects these scans, each read once, on as many threads as there are cores. What an earlier check read is not read
 * again while a file's length and time of change are the same, and an interrupted check goes on where it was.
 *
 * @param files relative to `dir`; the answers come in their order.
 */
export async function inspectScans(
  dir: string,
  files: readonly string[],
  { onProgress, signal }: InspectOptions,
): Promise<Map<string, InspectAnswer>> {
  const known = await readInspections(dir);
  const current = new Map<string, KnownScan>();
  const waiting: Waiting[] = [];
  for (const file of files) {
    const { stamp, bytes } = await lookAt(join(dir, file));
    const before = known.get(file);
    if (before?.stamp === stamp) current.set(file, before);
    else waiting.push({ file, stamp, bytes });
  }
  onProgress?.(current.size, files.length);
  if (waiting.length > 0) {
    try {
      await readAll(dir, waiting, current, () => onProgress?.(current.size, files.length), signal);
    } finally {
      await keepInspections(dir, current);
    }
    if (signal?.aborted) throw checkError('CHECK_INTERRUPTED', { done: current.size, total: files.length });
  }
  return new Map(files.map((file) => [file, current.get(file)!.answer]));
}

interface Waiting {
  file: string;
  stamp: string;
  bytes: number;
}

async function readAll(
  dir: string,
  waiting: Waiting[],
  current: Map<string, KnownScan>,
  onScan: () => void,
  signal?: AbortSignal,
): Promise<void> {
  const readers = startReaders(waiting);
  let saved = performance.now();
  try {
    await Promise.all(
      readers.map(async ({ inspect }) => {
        for (let next = waiting.shift(); next && !signal?.aborted; next = waiting.shift()) {
          current.set(next.file, { stamp: next.stamp, answer: await inspect(join(dir, next.file)) });
          onScan();
          if (performance.now() - saved < SECONDS_BETWEEN_SAVES * 1000) continue;
          saved = performance.now();
          await keepInspections(dir, current);
        }
      }),
    );
  } finally {
    await Promise.all(readers.map(({ stop }) => stop()));
  }
}

interface Reader {
  inspect: (path: string) => Promise<InspectAnswer>;
  stop: () => Promise<unknown>;
}

function startReaders(waiting: readonly Waiting[]): Reader[] {
  const bytes = waiting.reduce((sum, each) => sum + each.bytes, 0);
  if (bytes < WORTH_THREADS) return [{ inspect: answerFor, stop: () => Promise.resolve() }];
  return Array.from({ length: Math.min(waiting.length, availableParallelism(), MOST_WORKERS) }, () => {
    const worker = startWorker();
    return { inspect: (path) => ask(worker, path), stop: () => worker.terminate() };
  });
}

function startWorker(): Worker {
  return new Worker(join(__dirname, 'inspect-worker.ts'), {
    execArgv: ['--require', require.resolve('tsx/cjs')],
    env: SHARE_ENV,
  });
}

async function ask(worker: Worker, path: string): Promise<InspectAnswer> {
  worker.postMessage(path);
  try {
    const [answer] = (await once(worker, 'message')) as [InspectAnswer];
    return answer;
  } catch (error) {
    throw checkError('CHECK_WORKER_FAILED', { reason: (error as Error).message }, error);
  }
}

/** Length and time of change of the header and of the files that it names, and how much there is to read. */
async function lookAt(path: string): Promise<{ stamp: string; bytes: number }> {
  const of = async (file: string) => {
    const { size, mtimeMs } = await stat(file);
    return `${size}@${mtimeMs}`;
  };
  try {
    const { stored } = await locateMetaImage(path);
    const files = new Set([path, ...stored.parts.map((part) => part.path)]);
    const bytes = stored.parts.reduce((sum, { length }) => sum + length, 0);
    return { stamp: (await Promise.all([...files].map(of))).join(' '), bytes };
  } catch {
    // Never equal to an earlier stamp: a scan that could not be read is tried again.
    return { stamp: `unreadable ${Date.now()}`, bytes: 0 };
  }
}
