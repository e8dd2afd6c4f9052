/** Trains in a worker thread or in a process of its own, and says what came of it. */
import { parentPort, workerData } from 'node:worker_threads';
import { trainedWith } from './training-run';

async function main(): Promise<void> {
  if (parentPort) parentPort.postMessage(await trainedWith((workerData as { threads: number }).threads));
  else process.stdout.write(await trainedWith(Number(process.argv[2])));
}

void main();
