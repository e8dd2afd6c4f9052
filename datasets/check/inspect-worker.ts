import { isCodedError } from 'coded-error';
import { parentPort } from 'node:worker_threads';
import { type ScanInspection, inspectScan } from './inspect-scan';

/** A scan that cannot be read is a finding, not a failure: its code and message come back instead. */
export type InspectAnswer = { inspection: ScanInspection } | { unreadable: { code: string; message: string } };

parentPort!.on('message', (path: string) => {
  void answer(path).then((message) => {
    parentPort!.postMessage(message);
  });
});

async function answer(path: string): Promise<InspectAnswer> {
  try {
    return { inspection: await inspectScan(path) };
  } catch (error) {
    const code = isCodedError(error) ? error.code : ((error as NodeJS.ErrnoException).code ?? 'UNEXPECTED');
    return { unreadable: { code, message: (error as Error).message } };
  }
}
