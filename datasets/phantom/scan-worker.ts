import { parentPort, workerData } from 'node:worker_threads';
import { makeScan, type ScanRows } from './make-scan';

export type ScanAnswer = { rows: ScanRows } | { error: Error };

/** A thread that makes scans: a scan's number comes in, its rows go back. */
const { dir, seed } = workerData as { dir: string; seed: number };

parentPort?.on('message', (scan: number) => {
  makeScan(dir, seed, scan).then(
    (rows) => {
      answer({ rows });
    },
    (error: unknown) => {
      answer({ error: error instanceof Error ? error : new Error(String(error)) });
    },
  );
});

function answer(message: ScanAnswer): void {
  parentPort?.postMessage(message);
}
