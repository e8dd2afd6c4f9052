import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { trainedWith } from './training-run';

const SCRIPT = join(__dirname, 'training-worker.ts');
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

async function inProcess(threads: number): Promise<string> {
  const args = ['--require', 'tsx/cjs', SCRIPT, String(threads)];
  return (await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 })).stdout;
}

function inWorker(threads: number): Promise<string> {
  const worker = new Worker(SCRIPT, { execArgv: ['--require', 'tsx/cjs'], env: SHARE_ENV, workerData: { threads } });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

describe('the same program and seed give the same bits', () => {
  let here: string;
  beforeAll(async () => {
    here = await trainedWith(2);
  });

  test('again', async () => {
    expect(digest(await trainedWith(2))).toBe(digest(here));
  });

  test('in another process', async () => {
    expect(digest(await inProcess(2))).toBe(digest(here));
  });

  test('in two worker threads that train at the same time', async () => {
    const results = await Promise.all([inWorker(2), inWorker(2)]);
    expect(results.map(digest)).toEqual([digest(here), digest(here)]);
  });
});

test('another number of threads gives the same to a relative 1e-5', async () => {
  const numbers = (text: string): number[] => {
    const { small, luna } = JSON.parse(text) as { small: number[]; luna: number[] };
    return [...small, ...luna];
  };
  const [one, four] = [numbers(await trainedWith(1)), numbers(await trainedWith(4))];
  const largest = (values: readonly number[]): number =>
    values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest(one.map((value, i) => value - four[i]!)) / largest(one)).toBeLessThan(1e-5);
});
