import { parentPort, workerData } from 'node:worker_threads';
import { makeScan, type PhantomSource, type ScanRows } from './make-scan';

export type ScanAnswer = { rows: ScanRows } | { error: Error };

/** A thread that makes scans: a scan's number comes in, its rows go back. */
const { dir, source } = workerData as { dir: string; source: PhantomSource };

parentPort?.on('message', (scan: number) => {
  makeScan(dir, source, scan).then(
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
