import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { servingError } from '../../services/serving/errors';
import { type Answer, serveJobs } from '../../services/serving/inference/pool-worker';

/** A worker for tests of the pool, which does what a job tells it to. */
export type Mood = 'answer' | 'refuse' | 'throw' | 'throw at once' | 'die' | 'dawdle' | 'remember' | 'recall';

let told = 0;

void serveJobs<string>(() => {
  if (workerData === 'will not start') throw servingError('SERVING_MODEL_UNLOADABLE', { problem: 'a bad day' });
  return Promise.resolve((mood: Mood) => {
    if (mood === 'throw at once') throw new TypeError('a bug');
    return followMood(mood);
  });
});

async function followMood(mood: Mood): Promise<Answer<string>> {
  if (mood === 'refuse') throw servingError('PATCH_NOT_FINITE');
  if (mood === 'throw') throw new TypeError('a bug');
  if (mood === 'die') process.exit(3);
  if (mood === 'dawdle' || mood === 'recall') await sleep(100);
  if (mood === 'remember') told++;
  if (mood === 'recall') return { result: `told ${told} times`, transfer: [] };
  return { result: mood, transfer: [] };
}
