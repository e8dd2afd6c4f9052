import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Mood } from '../../../tests/serving/moody-worker';
import { WorkerPool } from './worker-pool';

const file = join(__dirname, '../../../tests/serving/moody-worker.ts');
const open: WorkerPool<Mood, string>[] = [];

async function startPool(size: number): Promise<WorkerPool<Mood, string>> {
  const pool = await WorkerPool.start<Mood, string>({ file, data: null, size });
  open.push(pool);
  return pool;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close()));
});

test('answers each job, in order of arrival and on all workers', async () => {
  const pool = await startPool(2);
  const moods: Mood[] = ['dawdle', 'answer', 'answer', 'dawdle', 'answer'];
  expect(await Promise.all(moods.map((mood) => pool.run(mood)))).toEqual(moods);
});

test('hands a coded error to the sender of the job and goes on', async () => {
  const pool = await startPool(1);
  await expect(pool.run('refuse')).rejects.toMatchObject({ code: 'PATCH_NOT_FINITE', status: 422 });
  for (const bug of ['throw', 'throw at once'] as const) {
    await expect(pool.run(bug)).rejects.toMatchObject({ code: 'SERVING_INTERNAL', status: 500 });
  }
  expect(await pool.run('answer')).toBe('answer');
});

test('loses only the job of a worker that dies, and replaces the worker', async () => {
  const pool = await startPool(1);
  const lost = pool.run('die');
  const next = pool.run('answer');
  await expect(lost).rejects.toMatchObject({ code: 'INFERENCE_WORKER_LOST', status: 503 });
  expect(await next).toBe('answer');
  expect(pool.ready).toBe(true);
});

test('is not ready while its only worker is being replaced', async () => {
  const pool = await startPool(1);
  await expect(pool.run('die')).rejects.toMatchObject({ code: 'INFERENCE_WORKER_LOST' });
  expect(pool.ready).toBe(false);
  while (!pool.ready) await sleep(10);
  expect(await pool.run('answer')).toBe('answer');
});

test.each([1, 2])('tells each of %i workers once, and the one that replaces it too', async (size) => {
  const pool = await startPool(size);
  const taken = Array.from({ length: size }, () => pool.run('dawdle'));
  await pool.tellAll('remember');
  await Promise.all(taken);
  const recalls = () => Promise.all(Array.from({ length: size }, () => pool.run('recall')));
  expect(await recalls()).toEqual(Array<string>(size).fill('told 1 times'));
  await expect(pool.run('die')).rejects.toMatchObject({ code: 'INFERENCE_WORKER_LOST' });
  expect(await recalls()).toEqual(Array<string>(size).fill('told 1 times'));
});

test('finishes what it took when it closes, and takes no more', async () => {
  const pool = await startPool(1);
  const taken = [pool.run('dawdle'), pool.run('answer')];
  const closed = pool.close();
  await expect(pool.run('answer')).rejects.toMatchObject({ code: 'INFERENCE_STOPPED' });
  expect(await Promise.all(taken)).toEqual(['dawdle', 'answer']);
  await closed;
  expect(pool.ready).toBe(false);
});

test('starts with every worker or says why not', async () => {
  const started = WorkerPool.start<Mood, string>({ file, data: 'will not start', size: 2 });
  await expect(started).rejects.toMatchObject({ code: 'SERVING_MODEL_UNLOADABLE', status: 422 });
});
