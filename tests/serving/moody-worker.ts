import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { servingError } from '../../services/serving/errors';
import { serveJobs } from '../../services/serving/inference/pool-worker';

/** A worker for tests of the pool, which does what a job tells it to. */
export type Mood = 'answer' | 'refuse' | 'throw' | 'die' | 'dawdle';

void serveJobs<string>(() => {
  if (workerData === 'will not start') throw servingError('SERVING_MODEL_UNLOADABLE', { problem: 'a bad day' });
  return Promise.resolve(async (mood: Mood) => {
    if (mood === 'refuse') throw servingError('PATCH_NOT_FINITE');
    if (mood === 'throw') throw new TypeError('a bug');
    if (mood === 'die') process.exit(3);
    if (mood === 'dawdle') await sleep(100);
    return { result: mood, transfer: [] };
  });
});
