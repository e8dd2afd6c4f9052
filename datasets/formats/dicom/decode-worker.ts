import { parentPort } from 'node:worker_threads';
import { isCodedError } from 'coded-error';
import { decodeFrame } from './codecs';
import type { FrameCoding } from './slices';
import type { StoredValues } from './stored-values';

export interface DecodeTask {
  code: Uint8Array<ArrayBuffer>;
  coding: FrameCoding;
}

/** `damaged` is why the code could not be decoded, told by the thread that knows the file. */
export type DecodeAnswer = { stored: StoredValues } | { damaged: string };

const port = parentPort!;
port.on('message', ({ code, coding }: DecodeTask) => {
  void decodeFrame(code, coding, '').then(
    (stored) => {
      port.postMessage({ stored } satisfies DecodeAnswer, [stored.buffer as ArrayBuffer]);
    },
    (error: unknown) => {
      const why = isCodedError(error) ? String(error.details['why']) : String(error);
      port.postMessage({ damaged: why } satisfies DecodeAnswer);
    },
  );
});
