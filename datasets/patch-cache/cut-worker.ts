import { parentPort, workerData } from 'node:worker_threads';
import { type PackedError, packError } from 'coded-error';
import { readVolume } from '../formats';
import type { PatchContract } from '../patches';
import { cutShard } from './cut-shard';
import type { Shard } from './shard';

export type CutAnswer = { done: true } | { error: PackedError };

/** A thread that reads a scan, cuts its patches and writes them: a shard comes in, word that it stands goes back. */
const { cacheDir, contract } = workerData as { cacheDir: string; contract: PatchContract };

parentPort?.on('message', (shard: Shard) => {
  void cut(shard).then((answer) => {
    parentPort?.postMessage(answer);
  });
});

async function cut(shard: Shard): Promise<CutAnswer> {
  try {
    await cutShard(cacheDir, shard, await readVolume(shard.scan), contract);
    return { done: true };
  } catch (error) {
    return { error: packError(error) };
  }
}
